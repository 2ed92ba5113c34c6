insert into gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m)
values (?, 'geometry', ?, ?, 0, 0)
