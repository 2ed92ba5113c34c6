select g.column_name, g.srs_id, upper(s.organization), s.organization_coordsys_id, substr(s.definition, 1, ?2)
from gpkg_geometry_columns g
left join gpkg_spatial_ref_sys s on s.srs_id = g.srs_id
where g.table_name = ?1 collate nocase
order by g.rowid
limit 2
