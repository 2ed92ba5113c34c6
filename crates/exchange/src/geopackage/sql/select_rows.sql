select {values}
from {table}
{order}
