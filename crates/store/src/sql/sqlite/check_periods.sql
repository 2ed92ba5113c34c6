-- Ended versions whose successor does not begin when they end.
select 'version ' || former.version || ' of asset ' || lower(hex(former.asset_id))
    || ' ends when no other begins'
from versions former
where former.valid_to is not null
    and not exists (
        select 1
        from versions later
        where later.asset_id = former.asset_id
            and later.version > former.version
            and later.valid_from = former.valid_to
    )
order by former.asset_id, former.version
