insert into organisation_states (organisation_number, recorded_from, standing) values (?, ?, ?)
