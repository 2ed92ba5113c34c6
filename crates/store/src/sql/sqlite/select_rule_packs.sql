select rule_packs.pack_number, rule_packs.name, rule_documents.document, rule_documents.recorded_from
from rule_packs
join rule_documents using (pack_number)
where rule_documents.recorded_from = (
    select max(latest.recorded_from)
    from rule_documents latest
    where latest.pack_number = rule_packs.pack_number
)
order by rule_packs.pack_number
