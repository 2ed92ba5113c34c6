update gpkg_contents
set min_x = ?, min_y = ?, max_x = ?, max_y = ?
