-- Assets that do not have just one standing version.
select 'asset ' || lower(hex(assets.asset_id)) || ' has ' || count(versions.version_number)
    || ' standing versions'
from assets
left join versions
    on versions.asset_id = assets.asset_id
    and versions.recorded_to is null and versions.valid_to is null
group by assets.asset_id
having count(versions.version_number) <> 1
order by assets.asset_id
