select recorded_in, asset_id, version
from retirements
where recorded_in between ?1 and ?2
order by recorded_in, asset_id
