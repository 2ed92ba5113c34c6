-- The last change that described a class.
select coalesce(max(recorded_from), 0)
from class_documents
