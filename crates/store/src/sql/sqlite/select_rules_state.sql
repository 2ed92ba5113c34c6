-- The last change of what rules say, or of the classes that they are about.
select max(
    coalesce((select max(recorded_from) from rule_documents), 0),
    coalesce((select max(recorded_from) from class_documents), 0)
)
