insert into settings (name, recorded_from, value) values (?, ?, ?)
