select class_number
from assets
where asset_id = ?
