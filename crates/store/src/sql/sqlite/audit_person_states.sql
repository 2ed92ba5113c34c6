select recorded_from, person_number, name, organisation_number
from person_states
join people using (person_number)
where recorded_from between ?1 and ?2
order by recorded_from, person_number
