insert into rule_documents (pack_number, recorded_from, document) values (?, ?, ?)
