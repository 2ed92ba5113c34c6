-- Of the classes that have versions.
select class_number, coalesce(width, 0.0), coalesce(height, 0.0)
from classes
left join extents using (class_number)
where exists (
        select 1
        from versions
        where versions.class_number = classes.class_number
            and recorded_to is null and valid_to is null
    )
    or exists (
        select 1
        from versions
        where versions.class_number = classes.class_number
            and (recorded_to is not null or valid_to is not null)
    )
