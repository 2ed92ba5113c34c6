-- The next versions of a class up to a place. What stands and what has ended lie in an index each, both in
-- the order of places, and are merged.
select place, asset_id, version_number
from versions
where class_number = ?1
    and recorded_to is null and valid_to is null
    and (place, asset_id, version_number) > (?2, ?3, ?4)
    and place <= cast(?8 as integer)
union all
select place, asset_id, version_number
from versions
where class_number = ?1
    and (recorded_to is not null or valid_to is not null)
    and (place, asset_id, version_number) > (?2, ?3, ?4)
    and place <= cast(?8 as integer)
order by place, asset_id, version_number
limit ?7
