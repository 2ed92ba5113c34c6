-- The last change of who may do what, or of the classes that this is about.
select max(
    coalesce((select max(recorded_from) from organisation_states), 0),
    coalesce((select max(recorded_from) from person_states), 0),
    coalesce((select max(recorded_from) from role_documents), 0),
    coalesce((select max(recorded_from) from keys), 0),
    coalesce((select max(revoked_by) from keys where revoked_by is not null), 0),
    coalesce((select max(recorded_from) from settings), 0),
    coalesce((select max(recorded_from) from class_documents), 0)
)
