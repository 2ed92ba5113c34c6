select not exists (select 1 from audit) and exists (select 1 from change_sets)
