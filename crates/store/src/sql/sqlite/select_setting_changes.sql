select name, value, recorded_from
from settings
order by name, recorded_from
