"""Reads every collection of a server with OWSLib, with the GDAL of the pyogrio package and with the GDAL
of the system: all of it, in a box, by a text and by a number, sorted, and in other coordinate systems.
Their answers must be those of the server.

usage: clients.py URL
"""

import json
import struct
import subprocess
import sys
import urllib.parse
import urllib.request

import pyogrio
from owslib.ogcapi.features import Features

URL = sys.argv[1]
# The most features of a page.
PAGE = 10_000
# A zone whose northing is first by its authority, and degrees whose latitude is.
SYSTEMS = ["EPSG:4548", "EPSG:4490"]
# What our answers round, in metres and in degrees, and as much again for another's formulas.
OFF = {"EPSG:4548": 0.002, "EPSG:4490": 1e-9}


def get(path, **parameters):
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{URL}{path}?{query}") as answer:
        return json.load(answer)


def ids(features):
    return sorted(feature["id"] for feature in features)


def ours(name, **parameters):
    page = get(f"/collections/{name}/items", limit=PAGE, **parameters)
    assert page["numberMatched"] == len(page["features"]), f"{name}: more than a page"
    return ids(page["features"])


def by_pyogrio(name, **asked):
    meta, _, geometries, columns = pyogrio.raw.read(f"OAPIF:{URL}", layer=name, **asked)
    # GDAL makes the field `id` when it has seen a feature.
    return sorted(columns[list(meta["fields"]).index("id")]) if len(geometries) else []


def features_by_system(name, *asked):
    command = ["ogr2ogr", "-f", "GeoJSONSeq", "-oo", f"PAGE_SIZE={PAGE}", *asked]
    done = subprocess.run(
        [*command, "/vsistdout/", f"OAPIF:{URL}", name], capture_output=True, check=True, text=True
    )
    return [json.loads(line)["properties"] for line in done.stdout.splitlines()]


def by_system(name, *asked):
    return sorted(properties["id"] for properties in features_by_system(name, *asked))


def check_lists(name):
    """What has several texts is several texts in GDAL, too."""
    described = get(f"/collections/{name}/schema")["properties"]
    is_list = lambda field: field.get("type") == "array" and field["items"].get("type") == "string"
    for field in [field for field, schema in described.items() if is_list(schema)]:
        page = get(f"/collections/{name}/items", limit=PAGE)
        expected = [[one["id"], one["properties"][field]] for one in page["features"]]
        found = [[one["id"], one[field]] for one in features_by_system(name)]
        check(f"{name}: {field}, system", *(sorted(map(json.dumps, all)) for all in (found, expected)))


def by_owslib(client, name, **asked):
    return ids(client.collection_items(name, limit=PAGE, **asked)["features"])


def positions(coordinates):
    """All positions of a geometry, one after another, with their numbers exchanged: the easting first."""
    if coordinates and isinstance(coordinates[0], (int, float)):
        return [(coordinates[1], coordinates[0])]
    return [position for part in coordinates for position in positions(part)]


def positions_in_wkb(geometry):
    """The same of well-known binary, which has the easting first."""
    found = []

    def read(at):
        (kind,) = struct.unpack_from("<I", geometry, at + 1)
        at += 5
        # A point has one position; a line has a number of them, and a polygon a number of lines.
        if kind == 1:
            return line(at, 1)
        (count,) = struct.unpack_from("<I", geometry, at)
        at += 4
        if kind == 2:
            return line(at, count)
        for _ in range(count):
            if kind == 3:
                (length,) = struct.unpack_from("<I", geometry, at)
                at = line(at + 4, length)
            else:
                at = read(at)
        return at

    def line(at, count):
        numbers = struct.unpack_from(f"<{2 * count}d", geometry, at)
        found.extend(zip(numbers[::2], numbers[1::2]))
        return at + 16 * count

    assert read(0) == len(geometry)
    return found


def ours_in(name, system, **parameters):
    """Positions by id, as the server tells them in a system."""
    page = get(f"/collections/{name}/items", limit=PAGE, crs=system, **parameters)
    return {one["id"]: positions(one["geometry"]["coordinates"]) for one in page["features"]}


def by_pyogrio_in(name, system, **asked):
    meta, _, geometries, columns = pyogrio.raw.read(f"OAPIF:{URL}", layer=name, CRS=system, **asked)
    if not len(geometries):
        return {}
    assert meta["crs"] == system, f"{name}: {meta['crs']}"
    keys = columns[list(meta["fields"]).index("id")]
    return {key: positions_in_wkb(bytes(one)) for key, one in zip(keys, geometries)}


def by_system_in(name, system):
    command = ["ogr2ogr", "-f", "GeoJSON", "-t_srs", system, "-lco", "COORDINATE_PRECISION=12"]
    command += ["-oo", f"PAGE_SIZE={PAGE}", "/vsistdout/", f"OAPIF:{URL}", name]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    features = json.loads(done.stdout)["features"]
    turned = {one["properties"]["id"]: positions(one["geometry"]["coordinates"]) for one in features}
    return {key: [(x, y) for y, x in places] for key, places in turned.items()}


def check_places(what, system, found, expected):
    check(what, sorted(found), sorted(expected))
    for key, places in expected.items():
        off = [abs(a - b) for here, there in zip(found[key], places) for a, b in zip(here, there)]
        if len(found[key]) != len(places) or max(off) > OFF[system]:
            sys.exit(f"{what}: {key} is {found[key]}, expected {places}")


def sorted_by(name, field, dialect):
    """The values of a field, the greatest first, as GDAL sorts them: it asks for no order."""
    sql = f'SELECT "{field}" FROM "{name}" WHERE "{field}" IS NOT NULL ORDER BY "{field}" DESC'
    if dialect == "pyogrio":
        source = f"OAPIF:{URL}"
        return list(pyogrio.raw.read(source, sql=sql, sql_dialect="SQLITE", read_geometry=False)[3][0])
    command = ["ogr2ogr", "-f", "GeoJSONSeq", "-dialect", "SQLITE", "-sql", sql]
    command += ["-oo", f"PAGE_SIZE={PAGE}", "/vsistdout/", f"OAPIF:{URL}"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return [json.loads(line)["properties"][field] for line in done.stdout.splitlines()]


def sample(name, kinds):
    """A field of one of the kinds with a value of it, as the schema and a page tell them."""
    schema = get(f"/collections/{name}/schema")
    fields = schema["properties"]
    fields = fields.get("properties", {}).get("properties", fields)
    page = get(f"/collections/{name}/items", limit=1000)
    for field, described in fields.items():
        if described.get("type") not in kinds or "format" in described or field == "id":
            continue
        for feature in page["features"]:
            value = feature["properties"].get(field)
            if value is not None and "'" not in str(value):
                return field, value
    return None


checked = 0


def check(what, found, expected):
    global checked
    checked += 1
    if found != expected:
        missing, more = set(expected) - set(found), set(found) - set(expected)
        sys.exit(f"{what}: {len(found)} of {len(expected)}, missing {missing}, besides {more}")


def check_collection(client, collection):
    name = collection["id"]
    everything = ours(name)
    check(f"{name}, OWSLib", by_owslib(client, name), everything)
    check(f"{name}, pyogrio", by_pyogrio(name), everything)
    check(f"{name}, system", by_system(name), everything)
    if not everything:
        return
    west, south, east, north = collection["extent"]["spatial"]["bbox"][0]
    box = [west, south, (west + east) / 2, (south + north) / 2]
    within = ours(name, bbox=",".join(map(str, box)))
    check(f"{name} in a box, OWSLib", by_owslib(client, name, bbox=box), within)
    check(f"{name} in a box, pyogrio", by_pyogrio(name, bbox=tuple(box)), within)
    check(f"{name} in a box, system", by_system(name, "-spat", *map(str, box)), within)
    check_systems(client, name)
    text = sample(name, ["string"])
    if text:
        field, value = text
        check_order(client, name, field)
        expected = ours(name, **{field: value})
        where = f"\"{field}\" = '{value}'"
        check(f"{name}: {where}, pyogrio", by_pyogrio(name, where=where), expected)
        check(f"{name}: {where}, system", by_system(name, "-where", where), expected)
        check(f"{name}: {where}, OWSLib", by_owslib(client, name, **{field: value}), expected)
    check_lists(name)
    number = sample(name, ["number", "integer"])
    if number:
        field, value = number
        expected = ours(name, filter=f"{field} > {value}")
        where = f"\"{field}\" > {value}"
        check(f"{name}: {where}, pyogrio", by_pyogrio(name, where=where), expected)
        check(f"{name}: {where}, system", by_system(name, "-where", where), expected)
        check(f"{name}: {where}, OWSLib", by_owslib(client, name, filter=f"{field} > {value}"), expected)
        tree = json.dumps({"op": ">", "args": [{"property": field}, value]})
        asked = {"filter": tree, "filter-lang": "cql2-json"}
        check(f"{name}: {tree}, OWSLib", by_owslib(client, name, **asked), expected)
        check_order(client, name, field)


def check_order(client, name, field):
    page = get(f"/collections/{name}/items", limit=PAGE, sortby=f"-{field}")["features"]
    expected = [one["id"] for one in page]
    found = client.collection_items(name, limit=PAGE, sortby=(field, "desc"))["features"]
    check(f"{name} by {field}, OWSLib", [one["id"] for one in found], expected)
    half = len(expected) // 2
    found = client.collection_items(name, limit=PAGE, offset=half, sortby=(field, "desc"))["features"]
    check(f"{name} by {field} from {half}, OWSLib", [one["id"] for one in found], expected[half:])
    values = [one["properties"][field] for one in page]
    values = [value for value in values if value is not None]
    for version in ["pyogrio", "system"]:
        check(f"{name} by {field}, {version}", sorted_by(name, field, version), values)


def check_systems(client, name):
    for system in SYSTEMS:
        expected = ours_in(name, system)
        check_places(f"{name} in {system}, pyogrio", system, by_pyogrio_in(name, system), expected)
        check_places(f"{name} in {system}, system", system, by_system_in(name, system), expected)
        found = client.collection_items(name, limit=PAGE, crs=system)["features"]
        found = {one["id"]: positions(one["geometry"]["coordinates"]) for one in found}
        check_places(f"{name} in {system}, OWSLib", system, found, expected)
        # A box in the system, as the corners of one in degrees lie there.
        corners = [expected[key][0] for key in (min(expected), max(expected))]
        least, greatest = map(min, zip(*corners)), map(max, zip(*corners))
        west, south, east, north = *least, *greatest
        turned = ",".join(map(str, [south, west, north, east]))
        within = ours(name, bbox=turned, **{"bbox-crs": system})
        found = by_pyogrio_in(name, system, bbox=(west, south, east, north))
        check(f"{name} in a box in {system}, pyogrio", sorted(found), within)
        found = client.collection_items(
            name, limit=PAGE, bbox=[south, west, north, east], **{"bbox-crs": system}
        )
        check(f"{name} in a box in {system}, OWSLib", ids(found["features"]), within)


client = Features(f"{URL}/")
collections = get("/collections")["collections"]
check("names", sorted(client.feature_collections()), sorted(one["id"] for one in collections))
declared = get("/conformance")["conformsTo"]
check("conformance", sorted(client.conformance()["conformsTo"]), sorted(declared))
for collection in collections:
    check_collection(client, collection)
system = subprocess.run(["ogrinfo", "--version"], capture_output=True, text=True).stdout.split(",")[0]
versions = f"GDAL {pyogrio.__gdal_version_string__}, {system}, OWSLib"
print(f"{checked} answers of {len(collections)} collections to {versions}: all the same")
