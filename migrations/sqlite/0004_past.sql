-- What was known or true once and is no more, in the order in which it is served: beside
-- versions_standing, which has the rest. A version enters it when it ends, so what is recorded for
-- the first time costs nothing here.
create index versions_past on versions (class_number, place, asset_id)
where recorded_to is not null or valid_to is not null;
