insert into people (name) values (?)
returning person_number
