select sequence, request_hash
from change_sets
where actor = ? and request_key = ?
