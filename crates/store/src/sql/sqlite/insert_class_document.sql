insert into class_documents (class_number, recorded_from, document) values (?, ?, ?)
