-- Takes away what a change said: its versions, and the ends that it put to others.
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
update versions
set recorded_to = ?2
where recorded_to is null and version_number in (
    select stale.version_number
    from touched
    cross join versions stale
        on stale.asset_id = touched.asset_id and (stale.recorded_from = ?1 or stale.ended_by = ?1)
)
returning version_number
