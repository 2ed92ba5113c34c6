-- Assets that have been retired, and of which nothing stands since.
select distinct asset_id
from retirements
where recorded_in > ?
    and not exists (
        select 1
        from versions
        where versions.asset_id = retirements.asset_id
            and versions.recorded_to is null and versions.valid_to is null
    )
order by asset_id
