-- A cross join keeps its order: otherwise the planner might start from all events.
select
    events.asset_id, events.event, events.kind, events.happened_on, events.result,
    events.next_on, events.grade, events.scheme, events.note, events.recorded_from,
    events.recorded_to
from json_each(?) ids
cross join assets on assets.asset_id = unhex(ids.value)
cross join events
    on events.class_number = assets.class_number and events.asset_id = assets.asset_id
order by events.asset_id, events.event
