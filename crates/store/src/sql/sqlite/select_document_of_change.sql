select document
from class_documents
where class_number = ? and recorded_from = ?
