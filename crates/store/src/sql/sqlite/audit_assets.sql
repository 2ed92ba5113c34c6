-- An asset comes with its first version.
select
    versions.recorded_from, assets.asset_id, assets.class_number, assets.source_number, sources.name,
    assets.external_key
from versions not indexed
cross join assets on assets.asset_id = versions.asset_id
left join sources on sources.source_number = assets.source_number
where version = 1
    and version_number > coalesce(
        (select last_version from change_sets where sequence = ?1 - 1), 0
    )
    and version_number <= (
        select last_version from change_sets where sequence <= ?2 order by sequence desc limit 1
    )
order by version_number
