-- What a change recorded, and what it superseded.
select class_number, asset_id, event
from events
where (recorded_from = ?1 or recorded_to = ?1)
    and (class_number, asset_id, event) > (?2, ?3, ?4)
    and (?5 is null or class_number in (select value from json_each(?5)))
order by class_number, asset_id, event
limit ?6
