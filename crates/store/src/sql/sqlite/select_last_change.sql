select coalesce(max(sequence), 0), coalesce(max(last_version), 0)
from change_sets
