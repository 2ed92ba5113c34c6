insert into classes (name) values (?)
returning class_number
