update versions
set recorded_to = ?
where version_number = ?
