-- Whether a change says something of assets; null when there is no such change.
select
    last_version > coalesce(
        (select former.last_version from change_sets former where former.sequence = ?1 - 1), 0
    )
    or exists (select 1 from retirements where recorded_in = ?1)
    or exists (select 1 from events where recorded_from = ?1)
    or exists (select 1 from events where recorded_to = ?1)
from change_sets
where sequence = ?1
