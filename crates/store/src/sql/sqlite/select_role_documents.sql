select roles.name, role_documents.recorded_from, role_documents.document
from role_documents
join roles using (role_number)
where role_documents.document is not null
order by role_documents.role_number, role_documents.recorded_from
