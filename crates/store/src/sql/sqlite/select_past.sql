-- The places of the versions that are looked at, and the content of those alone that hold at the moment, as
-- it was known at the change.
select
    looked.place, looked.asset_id, looked.version_number, versions.version, versions.valid_from,
    iif(versions.ended_by <= ?5, versions.valid_to, null),
    versions.geometry, versions.geom_length_m, versions.geom_area_m2, versions.content,
    iif(versions.version is null, null, (
        select json_group_array(
            json_array(event, kind, happened_on, result, next_on, grade, scheme, note)
        )
        from events
        where events.class_number = ?1
            and events.asset_id = looked.asset_id
            and events.recorded_from <= ?5
            and (events.recorded_to is null or events.recorded_to > ?5)
    ))
from (looked_at) looked
left join versions on versions.version_number = looked.version_number
    and versions.recorded_from <= ?5
    and (versions.recorded_to is null or versions.recorded_to > ?5)
    and versions.valid_from <= ?6
    and (versions.valid_to is null or versions.valid_to > ?6 or versions.ended_by > ?5)
order by looked.place, looked.asset_id, looked.version_number
