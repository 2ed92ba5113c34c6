-- Where the knowledge of a change comes from, as whoever made it says: whose keys the keys of an import
-- are, or a survey sheet, a photograph. Null when nobody said.
alter table change_sets add column source text;

-- What a client calls its request, so that it may send it again when the answer was lost, and the
-- SHA-256 of what it asked for. Null when it did not.
alter table change_sets add column request_key text;
alter table change_sets add column request_hash blob;

create unique index change_sets_by_request on change_sets (actor, request_key)
where request_key is not null;

-- What a change took out of the register without putting a version in its place: of the verb
-- `update`, the asset is no more in the street since the end of its last version; of `correct`, what
-- was known of it was wrong from the start, and its last version is superseded.
create table retirements (
    asset_id blob not null references assets,
    recorded_in integer not null references change_sets,
    -- The last version.
    version integer not null,
    primary key (asset_id, recorded_in)
) strict, without rowid;

-- What a change retired.
create index retirements_recorded on retirements (recorded_in);
