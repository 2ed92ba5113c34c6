insert into role_documents (role_number, recorded_from, document) values (?, ?, ?)
