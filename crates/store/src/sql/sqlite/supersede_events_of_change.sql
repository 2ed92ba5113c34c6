update events
set recorded_to = ?2
where recorded_from = ?1 and recorded_to is null
