-- Changes that did something else to the assets of a class than is kept of them.
with did as (
    select
        sequence, class_number, sum(created) as created, sum(changed) as changed,
        sum(retired) as retired, sum(events) as events, sum(superseded) as superseded
    from (
        select
            recorded_from as sequence, class_number, version = 1 as created,
            version > 1 as changed, 0 as retired, 0 as events, 0 as superseded
        from versions
        union all
        select recorded_in, class_number, 0, 0, 1, 0, 0
        from retirements
        join assets using (asset_id)
        union all
        select recorded_from, class_number, 0, 0, 0, 1, 0
        from events
        union all
        select recorded_to, class_number, 0, 0, 0, 0, 1
        from events
        where recorded_to is not null
    )
    group by sequence, class_number
)
select distinct
    'change ' || sequence || ' did something else to class ' || class_number
    || ' than is kept of it'
from (
    select * from (select * from did except select * from change_effects)
    union all
    select * from (select * from change_effects except select * from did)
)
order by 1
