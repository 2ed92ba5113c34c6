-- Versions without an index: the rows of a change lie together under their numbers.
select asset_id, class_number
from versions not indexed
where version_number > (select last_version from change_sets where sequence = ?1)
union
select retirements.asset_id, assets.class_number
from retirements
join assets on assets.asset_id = retirements.asset_id
where retirements.recorded_in > ?1
union
select asset_id, class_number
from events
where recorded_from > ?1
union
select asset_id, class_number
from events
where recorded_to > ?1
order by asset_id
