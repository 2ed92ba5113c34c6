-- Who may see and do what. Times are microseconds since 1970-01-01T00:00:00Z. Nothing is ever deleted.

create table organisations (
    organisation_number integer primary key,
    name text not null unique
) strict;

-- Whether an organisation still stands; the last recorded row is in force.
create table organisation_states (
    organisation_number integer not null references organisations,
    recorded_from integer not null references change_sets,
    standing integer not null check (standing in (0, 1)),
    primary key (organisation_number, recorded_from)
) strict, without rowid;

-- A name stands for one person for good, for it is what changes were made by.
create table people (
    person_number integer primary key,
    name text not null unique
) strict;

-- Of which organisation a person is; the last recorded row is in force. Null: of none any more.
create table person_states (
    person_number integer not null references people,
    recorded_from integer not null references change_sets,
    organisation_number integer references organisations,
    primary key (person_number, recorded_from)
) strict, without rowid;

create table roles (
    role_number integer primary key,
    name text not null unique
) strict;

-- Each role as a TOML document; the last recorded one is in force. Null: the role is retired.
create table role_documents (
    role_number integer not null references roles,
    recorded_from integer not null references change_sets,
    document text,
    primary key (role_number, recorded_from)
) strict, without rowid;

-- A row never changes, but for its end, which is set once.
create table keys (
    key_number integer primary key,
    -- By which it is known; no secret.
    key_id text not null unique,
    -- SHA-256 of the secret, which is nowhere.
    hash blob not null check (length(hash) = 32),
    person_number integer not null references people,
    role_number integer not null references roles,
    -- To what the role is narrowed: names of classes with commas between, `*` for all; a GeoJSON
    -- geometry in longitude and latitude on WGS 84, and how assets across its edge are given.
    collections text not null,
    area text,
    edge text check (edge in ('whole', 'clipped', 'left')),
    -- Works until before that moment; null: for good.
    until integer,
    note text not null,
    recorded_from integer not null references change_sets,
    revoked_by integer references change_sets,
    check ((area is null) = (edge is null)),
    check (revoked_by > recorded_from)
) strict;

create index keys_recorded on keys (recorded_from);

create index keys_revoked on keys (revoked_by)
where revoked_by is not null;

-- When a key was last used, to about a minute. It says nothing of the register, so it is no change of
-- it, and the row is written anew.
create table key_uses (
    key_number integer primary key references keys,
    used_at integer not null
) strict;
