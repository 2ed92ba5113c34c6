insert into reads (
    number, position, read_at, actor, organisation, key_id, role, route, collection, box,
    conditions, as_of, features
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
