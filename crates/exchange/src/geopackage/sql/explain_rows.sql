explain
select *
from {table}
