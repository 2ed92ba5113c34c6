update keys
set revoked_by = ?
where key_id = ? and revoked_by is null
