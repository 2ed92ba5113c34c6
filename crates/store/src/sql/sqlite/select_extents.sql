select class_number, width, height from extents
