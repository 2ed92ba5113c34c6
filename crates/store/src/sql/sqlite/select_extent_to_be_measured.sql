select exists (select 1 from extents where width = 9e999)
