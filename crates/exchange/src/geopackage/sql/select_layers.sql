select t.name, t.type = 'table', c.data_type = 'features'
from gpkg_contents c
join pragma_table_list t on t.schema = 'main' and t.name = c.table_name collate nocase
where t.type in ('table', 'view')
and c.data_type in ('features', 'attributes', 'aspatial')
order by c.table_name
limit ?1
