insert into extents (class_number, width, height)
values (?1, ?2, ?3)
on conflict (class_number) do update
set width = max(width, excluded.width), height = max(height, excluded.height)
where excluded.width > width or excluded.height > height
