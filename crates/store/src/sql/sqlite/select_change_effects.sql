select classes.name, created, changed, retired, events, events_superseded
from change_effects
join classes using (class_number)
where sequence = ?1
    and (?2 is null or class_number in (select value from json_each(?2)))
order by classes.name
