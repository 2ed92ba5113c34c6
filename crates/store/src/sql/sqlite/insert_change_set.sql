insert into change_sets (
    sequence, recorded_at, actor, verb, reason, origin, source, request_key, request_hash, last_version
)
select
    coalesce(max(sequence), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?,
    (select coalesce(max(version_number), 0) from versions)
from change_sets
returning sequence, last_version
