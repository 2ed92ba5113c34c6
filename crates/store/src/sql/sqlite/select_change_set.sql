select sequence, recorded_at, actor, verb, reason, source
from change_sets
where sequence = ?
