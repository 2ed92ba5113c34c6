-- Without an index: the rows of a change lie together under their numbers.
select distinct asset_id
from versions not indexed
where version_number > (select last_version from change_sets where sequence = ?)
order by asset_id
