-- Written before the change is complete: its own versions are those above the greatest number when it
-- began.
insert into change_effects (
    sequence, class_number, created, changed, retired, events, events_superseded
)
select
    ?1, class_number, sum(created), sum(changed), sum(retired), sum(events),
    sum(events_superseded)
from (
    select
        class_number, version = 1 as created, version > 1 as changed, 0 as retired, 0 as events,
        0 as events_superseded
    from versions not indexed
    where version_number > (select last_version from change_sets where sequence = ?1)
    union all
    select assets.class_number, 0, 0, 1, 0, 0
    from retirements
    join assets on assets.asset_id = retirements.asset_id
    where retirements.recorded_in = ?1
    union all
    select class_number, 0, 0, 0, 1, 0
    from events
    where recorded_from = ?1
    union all
    select class_number, 0, 0, 0, 0, 1
    from events
    where recorded_to = ?1
)
group by class_number
