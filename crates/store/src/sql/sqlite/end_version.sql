update versions
set valid_to = ?, ended_by = ?
where version_number = ?
