insert into {rtree} (id, minx, maxx, miny, maxy)
values {rows}
