-- The last change that was recorded by a moment. Clocks may have gone back, so the sequence leads.
select sequence
from change_sets
where recorded_at <= ?
order by sequence desc
limit 1
