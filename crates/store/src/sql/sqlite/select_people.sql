select people.person_number, people.name, organisations.name, person_states.recorded_from
from people
join person_states using (person_number)
left join organisations using (organisation_number)
where person_states.recorded_from = (
    select max(latest.recorded_from)
    from person_states latest
    where latest.person_number = people.person_number
)
order by people.name
