select
    asset_id, event, kind, happened_on, result, next_on, grade, scheme, note, recorded_from,
    recorded_to
from events
where class_number = ? and asset_id = ? and event > ?
order by event
limit ?
