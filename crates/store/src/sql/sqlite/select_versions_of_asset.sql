select
    version, valid_from, valid_to, geometry, geom_length_m, geom_area_m2, content,
    recorded_from, recorded_to, ended_by
from versions
where asset_id = ? and version > ?
order by version
limit ?
