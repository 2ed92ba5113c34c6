-- Assets that have more than one standing version, or none though their last one was not retired.
select 'asset ' || lower(hex(assets.asset_id)) || ' has ' || count(versions.version_number)
    || ' standing versions'
from assets
left join versions
    on versions.asset_id = assets.asset_id
    and versions.recorded_to is null and versions.valid_to is null
group by assets.asset_id
having count(versions.version_number) > 1
    or count(versions.version_number) = 0
    and not exists (
        select 1
        from retirements
        where retirements.asset_id = assets.asset_id
            and retirements.version = (
                select max(last.version) from versions last where last.asset_id = assets.asset_id
            )
    )
order by assets.asset_id
