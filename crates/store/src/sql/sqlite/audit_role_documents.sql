select recorded_from, role_number, name, document
from role_documents
join roles using (role_number)
where recorded_from between ?1 and ?2
order by recorded_from, role_number
