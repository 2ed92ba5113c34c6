-- Ended versions whose successor does not begin when they end, but for those with which their asset
-- was retired and those that were superseded since.
select 'version ' || former.version || ' of asset ' || lower(hex(former.asset_id))
    || ' ends when no other begins'
from versions former
where former.valid_to is not null and former.recorded_to is null
    and not exists (
        select 1
        from versions later
        where later.asset_id = former.asset_id
            and later.version > former.version
            and later.valid_from = former.valid_to
    )
    and not exists (
        select 1
        from retirements
        where retirements.asset_id = former.asset_id and retirements.version = former.version
    )
order by former.asset_id, former.version
