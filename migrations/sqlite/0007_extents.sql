-- How wide and high, in degrees of longitude and latitude, the box around a version of a class is at the
-- most, of all that were ever recorded; none where all are points. With it a window in the past is found
-- by the places of versions, which are those of the middles of their boxes.
create table extents (
    class_number integer primary key references classes,
    width real not null,
    height real not null
) strict;

-- Of versions that are there already it is measured when the registry is opened.
insert into extents (class_number, width, height)
select class_number, 9e999, 9e999 from classes;
