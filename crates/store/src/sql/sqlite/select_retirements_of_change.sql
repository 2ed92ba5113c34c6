select assets.class_number, retirements.asset_id, retirements.version
from retirements
join assets on assets.asset_id = retirements.asset_id
where retirements.recorded_in = ?1
    and retirements.asset_id > ?2
    and (?3 is null or assets.class_number in (select value from json_each(?3)))
order by retirements.asset_id
limit ?4
