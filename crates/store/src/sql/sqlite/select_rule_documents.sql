select rule_packs.name, rule_documents.recorded_from, rule_documents.document
from rule_documents
join rule_packs using (pack_number)
where rule_documents.document is not null
order by rule_documents.pack_number, rule_documents.recorded_from
