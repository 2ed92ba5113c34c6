-- First the assets with a new version, which lie together under their numbers, without an index;
-- then those of which only events are new or no longer stand. The planner would look for these among
-- all events of the class.
with standing as (
    select
        versions.asset_id, version, valid_from, geometry, geom_length_m, geom_area_m2, content,
        place, class_number
    from versions not indexed
    where version_number > (select last_version from change_sets where sequence = ?1)
        and class_number = ?2 and recorded_to is null and valid_to is null
    union all
    select
        versions.asset_id, version, valid_from, geometry, geom_length_m, geom_area_m2, content,
        place, class_number
    from (
        select asset_id
        from events indexed by events_recorded
        where recorded_from > ?1 and class_number = ?2
        union
        select asset_id
        from events indexed by events_superseded
        where recorded_to > ?1 and class_number = ?2
    ) touched
    cross join versions on versions.asset_id = touched.asset_id
    where version_number <= (select last_version from change_sets where sequence = ?1)
        and recorded_to is null and valid_to is null
)
select
    asset_id, version, valid_from, geometry, geom_length_m, geom_area_m2, content,
    (
        select json_group_array(
            json_array(event, kind, happened_on, result, next_on, grade, scheme, note)
        )
        from events
        where events.class_number = standing.class_number
            and events.asset_id = standing.asset_id
            and events.recorded_to is null
    )
from standing
order by place, asset_id
