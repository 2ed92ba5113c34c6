-- Versions without an index: the rows of a change lie together under their numbers.
select asset_id
from versions not indexed
where version_number > (select last_version from change_sets where sequence = ?1)
union
select asset_id
from retirements
where recorded_in > ?1
union
select asset_id
from events
where recorded_from > ?1
union
select asset_id
from events
where recorded_to > ?1
order by asset_id
