insert into key_uses (key_number, used_at) values (?, ?)
on conflict (key_number) do update
set used_at = max(used_at, excluded.used_at)
