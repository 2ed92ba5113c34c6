update change_sets
set last_version = (select coalesce(max(version_number), 0) from versions)
where sequence = ?
returning last_version
