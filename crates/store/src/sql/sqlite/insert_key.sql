insert into keys (
    key_id, hash, person_number, role_number, collections, area, edge, until, note, recorded_from,
    requests_per_minute, features_per_day, export_area_km2
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
