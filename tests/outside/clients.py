"""Reads every collection of a server with OWSLib, with the GDAL of the pyogrio package and with the GDAL
of the system: all of it, in a box, by a text and by a number. Their answers must be those of the server.

usage: clients.py URL
"""

import json
import subprocess
import sys
import urllib.parse
import urllib.request

import pyogrio
from owslib.ogcapi.features import Features

URL = sys.argv[1]
# The most features of a page.
PAGE = 10_000


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


def by_system(name, *asked):
    command = ["ogr2ogr", "-f", "GeoJSONSeq", "-oo", f"PAGE_SIZE={PAGE}", *asked]
    done = subprocess.run(
        [*command, "/vsistdout/", f"OAPIF:{URL}", name], capture_output=True, check=True, text=True
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted(feature["properties"]["id"] for feature in found)


def by_owslib(client, name, **asked):
    return ids(client.collection_items(name, limit=PAGE, **asked)["features"])


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
    text = sample(name, ["string"])
    if text:
        field, value = text
        expected = ours(name, **{field: value})
        where = f"\"{field}\" = '{value}'"
        check(f"{name}: {where}, pyogrio", by_pyogrio(name, where=where), expected)
        check(f"{name}: {where}, system", by_system(name, "-where", where), expected)
        check(f"{name}: {where}, OWSLib", by_owslib(client, name, **{field: value}), expected)
    number = sample(name, ["number", "integer"])
    if number:
        field, value = number
        expected = ours(name, filter=f"{field} > {value}")
        where = f"\"{field}\" > {value}"
        check(f"{name}: {where}, pyogrio", by_pyogrio(name, where=where), expected)
        check(f"{name}: {where}, system", by_system(name, "-where", where), expected)


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
