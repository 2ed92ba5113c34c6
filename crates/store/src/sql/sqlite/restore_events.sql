-- Says again what events a change took away, under new numbers.
insert into events (
    class_number, asset_id, event, kind, happened_on, result, next_on, grade, scheme, note,
    recorded_from
)
select
    class_number, asset_id,
    (
        select max(last.event)
        from events last
        where last.class_number = former.class_number and last.asset_id = former.asset_id
    ) + row_number() over (partition by former.asset_id order by former.event),
    kind, happened_on, result, next_on, grade, scheme, note, ?2
from events former
where recorded_to = ?1 and recorded_from <> ?1
