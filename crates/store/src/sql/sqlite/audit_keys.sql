select
    recorded_from, key_number, key_id, hash, person_number, role_number, collections, area, edge,
    until, note, requests_per_minute, features_per_day, export_area_km2
from keys
where recorded_from between ?1 and ?2
order by recorded_from, key_number
