-- What has a name and was never said to be anything.
select 'organisation `' || name || '` has no state'
from organisations
where organisation_number not in (select organisation_number from organisation_states)
union all
select 'person `' || name || '` has no state'
from people
where person_number not in (select person_number from person_states)
union all
select 'role `' || name || '` has no document'
from roles
where role_number not in (select role_number from role_documents)
order by 1
