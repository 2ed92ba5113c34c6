"""Usage: table.py URL CSV: the SQL that makes the assets of the server at URL, exported as the CSV, the table
`assets` of a PostGIS database: columns of the kinds that the schema says, the geometry indexed, `id` the key."""

import csv
import json
import sys
import urllib.request

url, rows = sys.argv[1:]
KINDS = {"integer": "bigint", "number": "double precision", "boolean": "boolean"}
FORMATS = {"date": "date", "date-time": "timestamptz", "uuid": "uuid"}

with urllib.request.urlopen(f"{url}/collections/assets/schema") as answer:
    fields = json.load(answer)["properties"]
with open(rows, encoding="utf-8", newline="") as file:
    names = next(csv.reader(file))


def column(name):
    field = fields.get(name, {})
    kind = KINDS.get(field.get("type")) or FORMATS.get(field.get("format"), "text")
    return f'"{name}" {kind}'


print("CREATE EXTENSION postgis;")
print(f"CREATE UNLOGGED TABLE raw ({', '.join(map(column, names))});")
print(f"\\copy raw FROM '{rows}' WITH (FORMAT csv, HEADER true)")
print("CREATE TABLE assets AS SELECT *, ST_GeomFromText(wkt, 4326)::geometry(Geometry, 4326) AS geom FROM raw;")
print("DROP TABLE raw; ALTER TABLE assets DROP COLUMN wkt; ALTER TABLE assets ADD PRIMARY KEY (id);")
print("CREATE INDEX ON assets USING gist (geom);")
print("VACUUM ANALYZE assets;")
