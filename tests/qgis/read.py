"""Reads every collection of a server with QGIS: all of it, in a box, by a text and by a number, as the
layer's own filter and as that of a question, sorted, and in other coordinate systems. Compares with what
the server itself answers.

usage: read.py URL
"""

import json
import os
import sys
import urllib.parse
import urllib.request

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import NULL

URL = sys.argv[1]
# The most features of a page.
PAGE = 10_000
# A zone whose northing is first by its authority, and a plane whose easting is.
SYSTEMS = ["EPSG:4549", "EPSG:3857"]
# What our answers round, in metres, and as much again for another's formulas.
OFF_M = 0.002


def get(path, **parameters):
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{URL}{path}?{query}") as answer:
        return json.load(answer)


def ours(name, **parameters):
    page = get(f"/collections/{name}/items", limit=PAGE, **parameters)
    assert page["numberMatched"] == len(page["features"]), f"{name}: more than a page"
    return page["features"]


def ids(features):
    return sorted(feature["id"] for feature in features)


def layer_of(name):
    # One for each question, so that none is answered from what QGIS has kept.
    where = f"url='{URL}' typename='{name}' version='OGC_API_FEATURES' restrictToRequestBBOX='1' pagingEnabled='true'"
    layer = QgsVectorLayer(where, name, "OAPIF")
    if not layer.isValid():
        fail(f"{name}: {layer.error().message()}")
    return layer


def read(name, request):
    return sorted(feature["id"] for feature in layer_of(name).getFeatures(request))


def read_subset(name, subset):
    layer = layer_of(name)
    if not layer.setSubsetString(subset):
        fail(f"{name}: QGIS refuses {subset}")
    return sorted(feature["id"] for feature in layer.getFeatures())


def read_sorted(name, field):
    """The values of a field, the greatest first. QGIS sorts by itself."""
    request = QgsFeatureRequest().addOrderBy(f'"{field}"', False, False)
    values = [feature[field] for feature in layer_of(name).getFeatures(request)]
    # One that is not there is a null of QGIS, or none of Python.
    return [value for value in values if value is not None and value != NULL]


def read_in(name, system):
    """The positions of each feature by its id, as a project in the system draws them."""
    context = QgsProject.instance().transformContext()
    there = QgsCoordinateReferenceSystem(system)
    request = QgsFeatureRequest().setDestinationCrs(there, context)
    features = layer_of(name).getFeatures(request)
    return {one["id"]: [(v.x(), v.y()) for v in one.geometry().vertices()] for one in features}


def positions(coordinates, order):
    """All positions of a geometry, one after another, with the easting first."""
    if coordinates and isinstance(coordinates[0], (int, float)):
        return [tuple(coordinates[axis] for axis in order)]
    return [position for part in coordinates for position in positions(part, order)]


def check_systems(name):
    for system in SYSTEMS:
        order = (0, 1) if system == "EPSG:3857" else (1, 0)
        features = ours(name, crs=system)
        expected = {one["id"]: positions(one["geometry"]["coordinates"], order) for one in features}
        found = read_in(name, system)
        check(f"{name} in {system}", sorted(found), sorted(expected))
        for key, places in expected.items():
            off = [abs(a - b) for here, there in zip(found[key], places) for a, b in zip(here, there)]
            if len(found[key]) != len(places) or max(off) > OFF_M:
                fail(f"{name} in {system}: {key} is {found[key]}, expected {places}")


def fail(text):
    print(text, flush=True)
    os._exit(1)


checked = 0


def check(what, found, expected):
    global checked
    checked += 1
    if found != expected:
        missing, more = set(expected) - set(found), set(found) - set(expected)
        fail(f"{what}: {len(found)} of {len(expected)}, missing {missing}, besides {more}")


def value_of(features, schema, kinds):
    """A field of one of the kinds, with a value of it."""
    fields = schema["properties"]
    fields = fields.get("properties", {}).get("properties", fields)
    for field, described in fields.items():
        if described.get("type") in kinds and "format" not in described and field != "id":
            for feature in features:
                value = feature["properties"].get(field)
                if value is not None and "'" not in str(value):
                    return field, value
    return None


def check_lists(name, features, schema):
    """What has several texts is several texts in QGIS, too."""
    for field, described in schema["properties"].items():
        if described.get("type") != "array" or described["items"].get("type") != "string":
            continue
        expected = [[one["id"], one["properties"][field] or []] for one in features]
        found = []
        for one in layer_of(name).getFeatures():
            value = one[field]
            found.append([one["id"], [] if value is None or value == NULL else list(value)])
        check(f"{name}: {field}", *(sorted(map(json.dumps, all)) for all in (found, expected)))


def check_collection(collection):
    name = collection["id"]
    features = ours(name)
    check(name, read(name, QgsFeatureRequest()), ids(features))
    if not features:
        return
    west, south, east, north = collection["extent"]["spatial"]["bbox"][0]
    box = [west, south, (west + east) / 2, (south + north) / 2]
    # With the exact test QGIS does as the server does; without it boxes are compared with boxes.
    request = QgsFeatureRequest().setFilterRect(QgsRectangle(*box))
    request.setFlags(QgsFeatureRequest.ExactIntersect)
    within = ours(name, bbox=",".join(map(str, box)))
    check(f"{name} in a box", read(name, request), ids(within))
    check_systems(name)
    schema = get(f"/collections/{name}/schema")
    check_lists(name, features, schema)
    text = value_of(features, schema, ["string"])
    if text:
        field, value = text
        where = f"\"{field}\" = '{value}'"
        expected = ids(ours(name, **{field: value}))
        request = QgsFeatureRequest().setFilterExpression(where)
        check(f"{name}: {where}", read(name, request), expected)
        check(f"{name}: {where} as its filter", read_subset(name, where), expected)
    number = value_of(features, schema, ["number", "integer"])
    if number:
        field, value = number
        where = f'"{field}" > {value}'
        expected = ids(ours(name, filter=f"{field} > {value}"))
        request = QgsFeatureRequest().setFilterExpression(where)
        check(f"{name}: {where}", read(name, request), expected)
        check(f"{name}: {where} as its filter", read_subset(name, where), expected)
        values = [one["properties"][field] for one in ours(name, sortby=f"-{field}")]
        values = [value for value in values if value is not None]
        check(f"{name} by {field}", read_sorted(name, field), values)


QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
collections = get("/collections")["collections"]
for collection in collections:
    check_collection(collection)
print(f"{checked} answers of {len(collections)} collections to QGIS {Qgis.QGIS_VERSION}: all the same", flush=True)
# Python's QGIS may crash when it takes itself down.
os._exit(0)
