insert into retirements (asset_id, recorded_in, version) values (?, ?, ?)
