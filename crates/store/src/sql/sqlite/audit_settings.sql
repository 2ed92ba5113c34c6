select recorded_from, name, value
from settings
where recorded_from between ?1 and ?2
order by recorded_from, name
