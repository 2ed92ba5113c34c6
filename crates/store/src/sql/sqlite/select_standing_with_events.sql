select
    asset_id, version, valid_from, geometry, geom_length_m, geom_area_m2, content,
    (
        select json_group_array(
            json_array(event, kind, happened_on, result, next_on, grade, scheme, note)
        )
        from events
        where events.class_number = versions.class_number
            and events.asset_id = versions.asset_id
            and events.recorded_to is null
    )
from versions
where class_number = ? and recorded_to is null and valid_to is null
order by place, asset_id
