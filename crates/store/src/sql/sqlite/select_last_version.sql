select version_number, version, valid_to, ended_by, recorded_from, recorded_to
from versions
where asset_id = ?
order by version desc
limit 1
