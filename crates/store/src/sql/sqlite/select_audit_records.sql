-- Records before a place, the newest first: the entries of changes, and the rows of the entries of reads.
-- Of who is told of some collections alone, reads of these.
select
    audit.number, 0, audit.kind, audit.hash, audit.sequence, null, null, null, null, null, null, null,
    null, null, null, null
from audit
join change_sets on change_sets.sequence = audit.sequence
where audit.number < ?1
    and ?9 is null
    and (?3 is null or change_sets.actor = ?3)
    and (?4 is null or exists (
        select 1
        from change_effects
        join classes on classes.class_number = change_effects.class_number
        where change_effects.sequence = audit.sequence and classes.name = ?4
    ))
    and (?5 is null or change_sets.recorded_at >= ?5)
    and (?6 is null or change_sets.recorded_at <= ?6)
    and (?7 is null or audit.kind = ?7)
union all
select
    reads.number, reads.position, 'reads', audit.hash, null, reads.read_at, reads.actor,
    reads.organisation, reads.key_id, reads.role, reads.route, reads.collection, reads.box,
    reads.conditions, reads.as_of, reads.features
from reads
join audit on audit.number = reads.number
where (reads.number, reads.position) < (?1, ?2)
    and (?9 is null or reads.collection in (select value from json_each(?9)))
    and (?3 is null or reads.actor = ?3)
    and (?4 is null or reads.collection = ?4)
    and (?5 is null or reads.read_at >= ?5)
    and (?6 is null or reads.read_at <= ?6)
    and (?7 is null or ?7 = 'reads')
order by 1 desc, 2 desc
limit ?8
