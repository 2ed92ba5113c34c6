-- Changes that do not follow on the one before.
select 'change ' || sequence || ' follows on change ' || before
from (
    select sequence, lag(sequence, 1, 0) over (order by sequence) as before
    from change_sets
)
where sequence <> before + 1
order by sequence
