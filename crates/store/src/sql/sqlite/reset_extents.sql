update extents set width = 0, height = 0 where width = 9e999
