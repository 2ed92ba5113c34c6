-- A cross join keeps its order: for an empty registry the planner would start from all assets.
select
    assets.external_key, assets.asset_id, assets.class_number, versions.version_number,
    versions.version, versions.valid_from, versions.valid_to, versions.ended_by,
    versions.recorded_from, versions.geometry, versions.geom_length_m, versions.geom_area_m2,
    versions.content
from json_each(?) keys
cross join assets on assets.source_number = ? and assets.external_key = keys.value
left join versions
    on versions.asset_id = assets.asset_id
    and versions.recorded_to is null and versions.valid_to is null
order by assets.asset_id
