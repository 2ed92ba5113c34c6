insert into versions (
    asset_id, class_number, version, place, valid_from, valid_to, ended_by, recorded_from,
    geometry, geom_length_m, geom_area_m2, content
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
