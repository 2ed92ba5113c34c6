update extents set width = ?2, height = ?3 where class_number = ?1 and width = 9e999
