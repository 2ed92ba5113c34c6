select recorded_from, class_number, name, document
from class_documents
join classes using (class_number)
where recorded_from between ?1 and ?2
order by recorded_from, class_number
