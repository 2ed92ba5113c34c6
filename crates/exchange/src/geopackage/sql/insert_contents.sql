insert into gpkg_contents (
    table_name, data_type, identifier, description, last_change, srs_id
)
values (?, 'features', ?, ?, ?, ?)
