-- Changes before one of them, the newest first; of those that concern no class the caller knows, none.
select sequence
from change_sets
where sequence < ?1
    and (?2 is null or actor = ?2)
    and (?3 is null or recorded_at >= ?3)
    and (?4 is null or recorded_at <= ?4)
    and (?5 is null or exists (
        select 1
        from change_effects
        where change_effects.sequence = change_sets.sequence
            and change_effects.class_number in (select value from json_each(?5))
    ))
order by sequence desc
limit ?6
