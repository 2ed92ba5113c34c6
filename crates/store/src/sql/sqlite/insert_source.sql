insert into sources (name) values (?)
on conflict (name) do update set name = excluded.name
returning source_number
