-- Assets whose versions are not counted 1, 2, 3 …
select 'asset ' || lower(hex(asset_id)) || ' has ' || count(*) || ' versions, the last is '
    || max(version)
from versions
group by asset_id
having count(*) <> max(version) or min(version) <> 1
order by asset_id
