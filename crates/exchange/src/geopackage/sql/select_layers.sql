select t.name, t.type = 'table', c.data_type = 'features'
from gpkg_contents c
join pragma_table_list t on t.schema = 'main' and t.name = c.table_name collate nocase
where t.type in ('table', 'view')
and octet_length(c.table_name) <= 1024
and c.data_type in ('features', 'attributes', 'aspatial')
order by c.table_name
limit ?1
