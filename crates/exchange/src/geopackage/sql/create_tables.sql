-- The tables that the standard wants (OGC 12-128r18, version 1.3), with its names and types.
create table gpkg_spatial_ref_sys (
    srs_name TEXT not null,
    srs_id INTEGER not null primary key,
    organization TEXT not null,
    organization_coordsys_id INTEGER not null,
    definition TEXT not null,
    description TEXT
);

insert into gpkg_spatial_ref_sys
values
    (
        'Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined',
        'undefined Cartesian coordinate reference system'
    ),
    (
        'Undefined geographic SRS', 0, 'NONE', 0, 'undefined',
        'undefined geographic coordinate reference system'
    ),
    (
        'WGS 84 geodetic', 4326, 'EPSG', 4326,
        'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,'
        || 'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],'
        || 'PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
        || 'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],'
        || 'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
        'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid'
    );

create table gpkg_contents (
    table_name TEXT not null primary key,
    data_type TEXT not null,
    identifier TEXT unique,
    description TEXT default '',
    last_change DATETIME not null default (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE,
    min_y DOUBLE,
    max_x DOUBLE,
    max_y DOUBLE,
    srs_id INTEGER,
    constraint fk_gc_r_srs_id foreign key (srs_id) references gpkg_spatial_ref_sys (srs_id)
);

create table gpkg_geometry_columns (
    table_name TEXT not null,
    column_name TEXT not null,
    geometry_type_name TEXT not null,
    srs_id INTEGER not null,
    z TINYINT not null,
    m TINYINT not null,
    constraint pk_geom_cols primary key (table_name, column_name),
    constraint uk_gc_table_name unique (table_name),
    constraint fk_gc_tn foreign key (table_name) references gpkg_contents (table_name),
    constraint fk_gc_srs foreign key (srs_id) references gpkg_spatial_ref_sys (srs_id)
);

create table gpkg_extensions (
    table_name TEXT,
    column_name TEXT,
    extension_name TEXT not null,
    definition TEXT not null,
    scope TEXT not null,
    constraint ge_tce unique (table_name, column_name, extension_name)
);

-- The schema extension: titles of columns, code lists and ranges.
create table gpkg_data_columns (
    table_name TEXT not null,
    column_name TEXT not null,
    name TEXT,
    title TEXT,
    description TEXT,
    mime_type TEXT,
    constraint_name TEXT,
    constraint pk_gdc primary key (table_name, column_name),
    constraint gdc_tn unique (table_name, name)
);

create table gpkg_data_column_constraints (
    constraint_name TEXT not null,
    constraint_type TEXT not null,
    value TEXT,
    min NUMERIC,
    min_is_inclusive BOOLEAN,
    max NUMERIC,
    max_is_inclusive BOOLEAN,
    description TEXT,
    constraint gdcc_ntv unique (constraint_name, constraint_type, value)
);

insert into gpkg_extensions
values
    (
        'gpkg_data_columns', null, 'gpkg_schema',
        'http://www.geopackage.org/spec121/#extension_schema', 'read-write'
    ),
    (
        'gpkg_data_column_constraints', null, 'gpkg_schema',
        'http://www.geopackage.org/spec121/#extension_schema', 'read-write'
    );
