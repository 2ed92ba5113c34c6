insert into events (
    class_number, asset_id, event, kind, happened_on, result, next_on, grade, scheme, note,
    recorded_from
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
