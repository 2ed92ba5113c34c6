update events
set recorded_to = ?
where class_number = ? and asset_id = ? and event = ?
