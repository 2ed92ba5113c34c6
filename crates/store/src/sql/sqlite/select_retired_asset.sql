-- The last version of an asset of which none stands.
select
    place, asset_id, version_number, version, valid_from, valid_to,
    geometry, geom_length_m, geom_area_m2, content, '[]',
    class_number
from versions
where asset_id = ?1
    and not exists (
        select 1
        from versions standing
        where standing.asset_id = ?1
            and standing.recorded_to is null and standing.valid_to is null
    )
order by version desc
limit 1
