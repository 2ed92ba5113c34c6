-- Changes whose versions are not those between the number of the change before and their own.
select 'version number ' || version_number || ' belongs to change ' || recorded_from
    || ' but lies outside its numbers'
from versions
join change_sets own on own.sequence = versions.recorded_from
left join change_sets former on former.sequence = versions.recorded_from - 1
where version_number > own.last_version or version_number <= coalesce(former.last_version, 0)
order by version_number
