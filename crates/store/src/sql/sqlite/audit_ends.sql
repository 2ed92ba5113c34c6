-- Where a version ended in the street, and, without a moment, where it was superseded.
select ended_by as sequence, version_number, valid_to
from versions indexed by versions_past
where (recorded_to is not null or valid_to is not null)
    and ended_by between ?1 and ?2 and recorded_from <= ended_by
union all
select recorded_to, version_number, null
from versions indexed by versions_past
where (recorded_to is not null or valid_to is not null)
    and recorded_to between ?1 and ?2
order by 1, 2, 3
