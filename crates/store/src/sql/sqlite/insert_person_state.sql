insert into person_states (person_number, recorded_from, organisation_number) values (?, ?, ?)
