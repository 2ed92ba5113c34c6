select
    sequence, sequence, recorded_at, actor, verb, reason, origin, source, request_key, request_hash,
    last_version
from change_sets
where sequence between ?1 and ?2
order by sequence
