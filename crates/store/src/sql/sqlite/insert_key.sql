insert into keys (
    key_id, hash, person_number, role_number, collections, area, edge, until, note, recorded_from
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
