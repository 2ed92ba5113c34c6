select sequence, recorded_at, actor, verb, reason, origin
from change_sets
where sequence = ?
