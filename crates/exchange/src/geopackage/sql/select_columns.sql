select name, upper(substr(type, 1, 40)), pk
from pragma_table_xinfo(?1)
where hidden <> 1
order by cid
