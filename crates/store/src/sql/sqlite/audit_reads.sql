select
    number, position, read_at, actor, organisation, key_id, role, route, collection, box, conditions,
    as_of, features
from reads
where number between ?1 and ?2
order by number, position
