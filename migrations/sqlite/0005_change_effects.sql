-- What a change did to the assets of each class, so that nobody has to count it; a change that concerned
-- none has no row.
create table change_effects (
    sequence integer not null references change_sets,
    class_number integer not null references classes,
    -- Assets that were not known before.
    created integer not null,
    -- Versions that follow on others.
    changed integer not null,
    -- Assets that are no more.
    retired integer not null,
    -- Events that were recorded, and events that no longer stand.
    events integer not null,
    events_superseded integer not null,
    primary key (sequence, class_number)
) strict, without rowid;

create index change_effects_of_class on change_effects (class_number, sequence);

insert into change_effects
select
    sequence, class_number, sum(created), sum(changed), sum(retired), sum(events),
    sum(events_superseded)
from (
    select
        recorded_from as sequence, class_number, version = 1 as created, version > 1 as changed,
        0 as retired, 0 as events, 0 as events_superseded
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
group by sequence, class_number;
