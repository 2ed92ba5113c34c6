-- Times are microseconds since 1970-01-01T00:00:00Z. Nothing is ever deleted.

-- The change sequence: one row for each change by a user, which is also its audit record.
create table change_sets (
    -- 1, 2, 3 … without gaps.
    sequence integer primary key,
    recorded_at integer not null,
    actor text not null,
    -- update: the street changed; correct: we had it wrong.
    verb text not null check (verb in ('update', 'correct')),
    reason text not null,
    -- What brought it, such as "import gas.geojson".
    origin text not null,
    -- The greatest number in the table of versions when the change was complete: its own versions
    -- are those above the number of the change before.
    last_version integer not null
) strict;

create table classes (
    class_number integer primary key,
    name text not null unique
) strict;

-- The description of each class, as a TOML document; the last recorded one is in force.
create table class_documents (
    class_number integer not null references classes,
    recorded_from integer not null references change_sets,
    document text not null,
    primary key (class_number, recorded_from)
) strict, without rowid;

-- The rules that say when work falls due, pack by pack.
create table rule_packs (
    pack_number integer primary key,
    name text not null unique
) strict;

-- Each pack as a TOML document; the last recorded one is in force. Null: the pack is retired.
create table rule_documents (
    pack_number integer not null references rule_packs,
    recorded_from integer not null references change_sets,
    document text,
    primary key (pack_number, recorded_from)
) strict, without rowid;

-- What may be set of a registry, such as its time zone; the last recorded value is in force.
create table settings (
    name text not null,
    recorded_from integer not null references change_sets,
    value text not null,
    primary key (name, recorded_from)
) strict, without rowid;

-- Whose keys external keys are.
create table sources (
    source_number integer primary key,
    name text not null unique
) strict;

create table assets (
    -- UUID version 7.
    asset_id blob primary key check (length(asset_id) = 16),
    class_number integer not null references classes,
    source_number integer references sources,
    -- The source's own key; null where the sender brought the id.
    external_key text,
    check ((source_number is null) = (external_key is null))
) strict, without rowid;

create unique index assets_by_key on assets (source_number, external_key)
where external_key is not null;

-- What was said of an asset, whole, on two time axes. A row never changes, but for the ends of its
-- two periods, each set once.
create table versions (
    -- Grows with each row, so the versions of a change lie together.
    version_number integer primary key,
    asset_id blob not null references assets,
    class_number integer not null references classes,
    -- 1, 2, 3 … for each asset.
    version integer not null,
    -- The middle of the box around the geometry on a Hilbert curve: 24 bits an axis over the plane
    -- of longitude and latitude.
    place integer not null,
    -- True in the street from this moment on, until before that one; null while it is.
    valid_from integer not null,
    valid_to integer,
    -- The change that set valid_to.
    ended_by integer references change_sets,
    -- Known to us from this change on, until that one, which replaced it; null while it stands.
    recorded_from integer not null references change_sets,
    recorded_to integer references change_sets,
    -- ISO well-known binary, longitude then latitude in degrees on WGS 84.
    geometry blob not null,
    -- Length (m) and area (m2) of the geometry on the WGS 84 ellipsoid, to a thousandth.
    geom_length_m real not null,
    geom_area_m2 real not null,
    -- A JSON object of the fields that have a value, by name.
    content text not null,
    check ((valid_to is null) = (ended_by is null)),
    check (valid_to > valid_from),
    check (recorded_to > recorded_from)
) strict;

create unique index versions_of_asset on versions (asset_id, version);

-- What is known now, in the order in which it is served.
create index versions_standing on versions (class_number, place, asset_id)
where recorded_to is null and valid_to is null;

-- What happened to assets: facts beside their versions. A row never changes, but for the end of the
-- period in which it was known.
create table events (
    -- That of the asset.
    class_number integer not null references classes,
    asset_id blob not null references assets,
    -- 1, 2, 3 … for each asset, in the order of recording.
    event integer not null,
    kind text not null,
    -- A civil day, as in 2024-05-01.
    happened_on text not null,
    -- What an assessment came to.
    result text,
    -- A civil day by which the event itself says that work follows.
    next_on text,
    -- The grade of a condition, and the scheme that it is of.
    grade text,
    scheme text,
    note text,
    -- Known to us from this change on, until that one, which replaced it; null while it stands.
    recorded_from integer not null references change_sets,
    recorded_to integer references change_sets,
    primary key (class_number, asset_id, event),
    check (recorded_to > recorded_from)
) strict, without rowid;

-- What a change said of events.
create index events_recorded on events (recorded_from);

create index events_superseded on events (recorded_to)
where recorded_to is not null;
