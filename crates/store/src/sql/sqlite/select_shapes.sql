-- All that were ever recorded.
select class_number, asset_id, place, geometry from versions
