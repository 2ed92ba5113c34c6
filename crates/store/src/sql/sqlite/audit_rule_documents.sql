select recorded_from, pack_number, name, document
from rule_documents
join rule_packs using (pack_number)
where recorded_from between ?1 and ?2
order by recorded_from, pack_number
