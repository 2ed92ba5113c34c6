select sequence, recorded_at, actor, verb, reason, origin, source
from change_sets
where sequence = ?
