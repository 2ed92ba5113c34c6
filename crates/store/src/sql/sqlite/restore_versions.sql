-- Says again what stood before a change: each version that it ended or superseded, as it was, under a
-- new number.
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
insert into versions (
    asset_id, class_number, version, place, valid_from, valid_to, ended_by, recorded_from,
    geometry, geom_length_m, geom_area_m2, content
)
select
    former.asset_id, former.class_number,
    (select max(last.version) from versions last where last.asset_id = former.asset_id)
        + row_number() over (partition by former.asset_id order by former.version),
    former.place, former.valid_from,
    case when former.ended_by = ?1 then null else former.valid_to end,
    case when former.ended_by = ?1 then null else former.ended_by end,
    ?2, former.geometry, former.geom_length_m, former.geom_area_m2, former.content
from touched
cross join versions former
    on former.asset_id = touched.asset_id and (former.recorded_to = ?1 or former.ended_by = ?1)
order by former.class_number, former.place, former.asset_id, former.version
