-- Those of one day are added up, whoever counts them.
insert into key_uses (key_number, used_at, features_on, features) values (?, ?, ?, ?)
on conflict (key_number) do update
set used_at = max(used_at, excluded.used_at),
    features = excluded.features + case when features_on = excluded.features_on then features else 0 end,
    features_on = excluded.features_on
