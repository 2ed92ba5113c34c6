select organisations.organisation_number, organisations.name, organisation_states.standing,
    organisation_states.recorded_from
from organisations
join organisation_states using (organisation_number)
where organisation_states.recorded_from = (
    select max(latest.recorded_from)
    from organisation_states latest
    where latest.organisation_number = organisations.organisation_number
)
order by organisations.name
