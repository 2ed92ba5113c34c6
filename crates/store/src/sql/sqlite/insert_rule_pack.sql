insert into rule_packs (name) values (?)
returning pack_number
