select number, kind, recorded_at, sequence, body, hash
from audit
where number > ?
order by number
limit ?
