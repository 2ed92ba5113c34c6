insert into gpkg_data_column_constraints (
    constraint_name, constraint_type, min, min_is_inclusive, max, max_is_inclusive
)
values (?, 'range', ?, 1, ?, 1)
