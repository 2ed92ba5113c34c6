select recorded_from
from class_documents
where class_number = ?
order by recorded_from
