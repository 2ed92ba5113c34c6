-- The end of a period belongs to the change that set it, unless it came with the row.
select
    recorded_from, version_number, asset_id, class_number, version, place, valid_from,
    case when ended_by < recorded_from then valid_to end,
    case when ended_by < recorded_from then ended_by end,
    geometry, geom_length_m, geom_area_m2, content
from versions not indexed
where version_number > coalesce(
        (select last_version from change_sets where sequence = ?1 - 1), 0
    )
    and version_number <= (
        select last_version from change_sets where sequence <= ?2 order by sequence desc limit 1
    )
order by version_number
