-- Without an index: that of the standing versions has only them.
select content, recorded_to is null and valid_to is null
from versions not indexed
where class_number = ?
order by version_number
