-- The audit: a chain of entries, each of which carries the hash of the one before. Times are
-- microseconds since 1970-01-01T00:00:00Z.
create table audit (
    -- 1, 2, 3 … without gaps.
    number integer primary key,
    -- change: written with the change that it is about; adopted: written when the chain began, about a
    -- change that was there already; reads: about what was read of restricted collections.
    kind text not null check (kind in ('change', 'adopted', 'reads')),
    recorded_at integer not null,
    -- The change that it is about.
    sequence integer references change_sets,
    -- A JSON object of SHA-256 in hexadecimal digits, by what each is of: the rows that the change
    -- wrote into a table, or the reads.
    body text not null,
    -- SHA-256 of the hash of the entry before (of the first, 32 zeros) and of this row.
    hash blob not null check (length(hash) = 32),
    check ((sequence is null) = (kind = 'reads'))
) strict;

create unique index audit_of_change on audit (sequence)
where sequence is not null;

create trigger audit_is_not_rewritten before update on audit
begin
    select raise(abort, 'the audit is only added to');
end;

create trigger audit_is_not_deleted before delete on audit
begin
    select raise(abort, 'the audit is only added to');
end;

-- What was read of restricted collections. The entry of the audit covers its rows.
create table reads (
    number integer not null references audit,
    -- 1, 2, 3 … within the entry.
    position integer not null,
    read_at integer not null,
    -- Who: as of changes. Null: who brought no key.
    actor text,
    organisation text,
    key_id text,
    role text,
    -- How: a route of HTTP, or a command.
    route text not null,
    collection text not null,
    -- The window as west, south, east and north in degrees on WGS 84, in JSON; null: none.
    box text,
    -- Other conditions as they were asked, shortened; null: none.
    conditions text,
    -- As of when, as it was asked; null: now.
    as_of text,
    -- So many features were told of.
    features integer not null,
    primary key (number, position)
) strict, without rowid;

create trigger reads_are_not_rewritten before update on reads
begin
    select raise(abort, 'the audit is only added to');
end;

create trigger reads_are_not_deleted before delete on reads
begin
    select raise(abort, 'the audit is only added to');
end;

-- To what a key is limited, beside what its role says; null: not by itself.
alter table keys add column requests_per_minute integer;
alter table keys add column features_per_day integer;
alter table keys add column export_area_km2 real;

-- How many features a key was given on its last day, a civil one where the registry is; to about a
-- minute.
alter table key_uses add column features_on text;
alter table key_uses add column features integer not null default 0;
