select recorded_from, organisation_number, name, standing
from organisation_states
join organisations using (organisation_number)
where recorded_from between ?1 and ?2
order by recorded_from, organisation_number
