-- What later changes said of assets of which a change speaks, so that it cannot be undone by itself:
-- other versions, retirements, other words for its events, and events of assets that it registered.
with touched as (
    -- Without an index: the rows of a change lie together under their numbers.
    select asset_id
    from versions not indexed
    where version_number <= (select last_version from change_sets where sequence = ?1)
        and version_number > coalesce(
            (select last_version from change_sets where sequence = ?1 - 1), 0
        )
    union
    select asset_id
    from retirements
    where recorded_in = ?1
)
select classes.name, later.asset_id, later.change
from (
    select versions.asset_id, versions.recorded_from as change
    from touched
    cross join versions on versions.asset_id = touched.asset_id
    where versions.recorded_from > ?1
    union
    select retirements.asset_id, retirements.recorded_in
    from touched
    cross join retirements on retirements.asset_id = touched.asset_id
    where retirements.recorded_in > ?1
    union
    select events.asset_id, events.recorded_to
    from events
    where events.recorded_from = ?1 and events.recorded_to > ?1
    union
    select events.asset_id, events.recorded_from
    from touched
    cross join assets on assets.asset_id = touched.asset_id
    cross join events
        on events.class_number = assets.class_number and events.asset_id = assets.asset_id
    where events.recorded_from > ?1
        and not exists (
            select 1
            from versions former
            where former.asset_id = touched.asset_id
                and (former.recorded_to = ?1 or former.ended_by = ?1)
        )
) later
join assets on assets.asset_id = later.asset_id
join classes on classes.class_number = assets.class_number
order by later.change, later.asset_id
limit ?2
