select distinct asset_id
from versions
where version_number > (select last_version from change_sets where sequence = ?)
order by asset_id
