select revoked_by, key_number
from keys
where revoked_by between ?1 and ?2 and revoked_by is not null
order by revoked_by, key_number
