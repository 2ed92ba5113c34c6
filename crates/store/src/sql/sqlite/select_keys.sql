select keys.key_number, keys.key_id, keys.hash, people.name, roles.name, keys.collections, keys.area,
    keys.edge, keys.until, keys.note, keys.recorded_from, keys.revoked_by, created.recorded_at,
    revoked.recorded_at, key_uses.used_at,
    keys.requests_per_minute, keys.features_per_day, keys.export_area_km2, key_uses.features_on,
    key_uses.features
from keys
join people using (person_number)
join roles using (role_number)
join change_sets created on created.sequence = keys.recorded_from
left join change_sets revoked on revoked.sequence = keys.revoked_by
left join key_uses using (key_number)
order by keys.key_number
