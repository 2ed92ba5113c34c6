select classes.class_number, classes.name, class_documents.document
from classes
join class_documents using (class_number)
where class_documents.recorded_from = (
    select max(latest.recorded_from)
    from class_documents latest
    where latest.class_number = classes.class_number
)
order by classes.name
