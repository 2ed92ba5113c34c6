select value
from settings
where name = ?
order by recorded_from desc
limit 1
