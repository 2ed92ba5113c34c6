-- What a change did to assets, in the order in which it said so; what it retired comes last. Without
-- an index: the rows of a change lie together under their numbers.
select versions.asset_id, versions.version, versions.version = 1, 0, versions.version_number as place
from versions not indexed
where version_number <= (select last_version from change_sets where sequence = ?1)
    and version_number > coalesce(
        (select last_version from change_sets where sequence = ?1 - 1), 0
    )
union all
select retirements.asset_id, retirements.version, 0, 1, 9223372036854775807
from retirements
where recorded_in = ?1
order by place, asset_id
