-- Changes that did not do what is kept of them.
select 'change ' || kept.sequence || ' is said to have made ' || kept.versions
    || ' versions, and made ' || count(versions.version_number)
from (
    select sequence, sum(created + changed) as versions
    from change_effects
    group by sequence
) kept
left join versions on versions.recorded_from = kept.sequence
group by kept.sequence
having count(versions.version_number) <> kept.versions
order by kept.sequence
