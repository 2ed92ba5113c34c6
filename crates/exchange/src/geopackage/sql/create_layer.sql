create table {table} (
    {fid} INTEGER primary key autoincrement not null,
    "geometry" {kind},
    "id" TEXT{fields}
);

create virtual table {rtree} using rtree(id, minx, maxx, miny, maxy);
