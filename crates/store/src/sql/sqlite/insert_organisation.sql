insert into organisations (name) values (?)
returning organisation_number
