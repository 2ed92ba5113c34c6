-- The version of an asset that holds at a moment, as it was known at a change.
select
    place, asset_id, version_number, version, valid_from,
    iif(ended_by <= ?5, valid_to, null),
    geometry, geom_length_m, geom_area_m2, content,
    (
        select json_group_array(
            json_array(event, kind, happened_on, result, next_on, grade, scheme, note)
        )
        from events
        where events.class_number = versions.class_number
            and events.asset_id = versions.asset_id
            and events.recorded_from <= ?5
            and (events.recorded_to is null or events.recorded_to > ?5)
    )
from versions
where asset_id = ?3
    and class_number = ?1
    and recorded_from <= ?5
    and (recorded_to is null or recorded_to > ?5)
    and valid_from <= ?6
    and (valid_to is null or valid_to > ?6 or ended_by > ?5)
order by version
