insert into roles (name) values (?)
returning role_number
