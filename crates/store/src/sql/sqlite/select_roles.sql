select roles.role_number, roles.name, role_documents.document, role_documents.recorded_from
from roles
join role_documents using (role_number)
where role_documents.recorded_from = (
    select max(latest.recorded_from)
    from role_documents latest
    where latest.role_number = roles.role_number
)
order by roles.role_number
