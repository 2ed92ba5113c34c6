-- They keep the index in step for whoever edits the file, and are those of the standard's annex for
-- spatial indexes. They call functions that other programs bring.
create trigger {rtree_insert} after insert on {table}
when (new."geometry" not null and not ST_IsEmpty(new."geometry"))
begin
    insert or replace into {rtree} values (
        new.{fid},
        ST_MinX(new."geometry"), ST_MaxX(new."geometry"),
        ST_MinY(new."geometry"), ST_MaxY(new."geometry")
    );
end;

create trigger {rtree_update1} after update of "geometry" on {table}
when old.{fid} = new.{fid} and (new."geometry" notnull and not ST_IsEmpty(new."geometry"))
begin
    insert or replace into {rtree} values (
        new.{fid},
        ST_MinX(new."geometry"), ST_MaxX(new."geometry"),
        ST_MinY(new."geometry"), ST_MaxY(new."geometry")
    );
end;

create trigger {rtree_update2} after update of "geometry" on {table}
when old.{fid} = new.{fid} and (new."geometry" isnull or ST_IsEmpty(new."geometry"))
begin
    delete from {rtree} where id = old.{fid};
end;

create trigger {rtree_update3} after update on {table}
when old.{fid} != new.{fid} and (new."geometry" notnull and not ST_IsEmpty(new."geometry"))
begin
    delete from {rtree} where id = old.{fid};
    insert or replace into {rtree} values (
        new.{fid},
        ST_MinX(new."geometry"), ST_MaxX(new."geometry"),
        ST_MinY(new."geometry"), ST_MaxY(new."geometry")
    );
end;

create trigger {rtree_update4} after update on {table}
when old.{fid} != new.{fid} and (new."geometry" isnull or ST_IsEmpty(new."geometry"))
begin
    delete from {rtree} where id in (old.{fid}, new.{fid});
end;

create trigger {rtree_delete} after delete on {table}
when old."geometry" not null
begin
    delete from {rtree} where id = old.{fid};
end;
