select recorded_to, class_number, asset_id, event
from events
where recorded_to between ?1 and ?2 and recorded_to is not null
order by recorded_to, class_number, asset_id, event
