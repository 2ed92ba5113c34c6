-- The assets of a change of which nothing stands any more, now that it is undone.
with touched as (
    -- Without an index: the rows of a change lie together under their numbers.
    select asset_id
    from versions not indexed
    where version_number <= (select last_version from change_sets where sequence = ?1)
        and version_number > coalesce(
            (select last_version from change_sets where sequence = ?1 - 1), 0
        )
    union
    select asset_id
    from retirements
    where recorded_in = ?1
)
insert into retirements (asset_id, recorded_in, version)
select
    touched.asset_id, ?2,
    (select max(last.version) from versions last where last.asset_id = touched.asset_id)
from touched
where not exists (
    select 1
    from versions
    where versions.asset_id = touched.asset_id
        and versions.recorded_to is null and versions.valid_to is null
)
