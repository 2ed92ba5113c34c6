select
    recorded_from, class_number, asset_id, event, kind, happened_on, result, next_on, grade, scheme,
    note
from events
where recorded_from between ?1 and ?2
order by recorded_from, class_number, asset_id, event
