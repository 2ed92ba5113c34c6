insert into gpkg_spatial_ref_sys (
    srs_name, srs_id, organization, organization_coordsys_id, definition
)
values (?1, ?2, 'EPSG', ?2, ?3)
