select sequence, recorded_at
from change_sets
where sequence between ? and ?
order by sequence
