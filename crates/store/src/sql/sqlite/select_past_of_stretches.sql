-- The next versions of a class on several stretches of places, all of which are looked through.
select place, asset_id, version_number
from json_each(?8) stretch
cross join versions
where class_number = ?1
    and recorded_to is null and valid_to is null
    and place between stretch.value ->> 0 and stretch.value ->> 1
    and (+place, asset_id, version_number) > (?2, ?3, ?4)
union all
select place, asset_id, version_number
from json_each(?8) stretch
cross join versions
where class_number = ?1
    and (recorded_to is not null or valid_to is not null)
    and place between stretch.value ->> 0 and stretch.value ->> 1
    and (+place, asset_id, version_number) > (?2, ?3, ?4)
order by place, asset_id, version_number
limit ?7
