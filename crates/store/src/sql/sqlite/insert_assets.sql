insert into assets (asset_id, class_number, source_number, external_key)
values (?, ?, ?, ?)
