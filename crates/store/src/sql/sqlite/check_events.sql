-- Events that are not counted 1, 2, 3 … or do not belong to the class of their asset.
select 'asset ' || lower(hex(asset_id)) || ' has ' || count(*) || ' events, the last is '
    || max(event)
from events
group by class_number, asset_id
having count(*) <> max(event) or min(event) <> 1
    or class_number <> (
        select assets.class_number from assets where assets.asset_id = events.asset_id
    )
order by asset_id
