-- Without an index: the rows of a change lie together under their numbers.
select
    asset_id, version, valid_from, geometry, geom_length_m, geom_area_m2, content
from versions not indexed
where version_number > (select last_version from change_sets where sequence = ?)
    and class_number = ? and recorded_to is null and valid_to is null
order by place, asset_id
