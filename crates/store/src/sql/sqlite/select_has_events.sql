select exists (select 1 from events where class_number = ?)
