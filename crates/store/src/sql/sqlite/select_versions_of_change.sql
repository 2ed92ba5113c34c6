-- The rows of a change lie together under their numbers.
select version_number, class_number, asset_id, version
from versions not indexed
where version_number > max(
        ?2, coalesce((select last_version from change_sets where sequence = ?1 - 1), 0)
    )
    and version_number <= (select last_version from change_sets where sequence = ?1)
    and (?3 is null or class_number in (select value from json_each(?3)))
order by version_number
limit ?4
