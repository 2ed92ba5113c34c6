select count(*)
from {table}
