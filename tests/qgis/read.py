"""Reads every collection of a server with QGIS, and compares with what the server itself answers.

usage: read.py URL
"""

import json
import os
import sys
import urllib.parse
import urllib.request

from qgis.core import Qgis, QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

URL = sys.argv[1]
# The most features of a page.
PAGE = 10_000


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


def read(name, request):
    # A layer of its own for each question, so that none is answered from what QGIS has kept.
    where = f"url='{URL}' typename='{name}' version='OGC_API_FEATURES' restrictToRequestBBOX='1' pagingEnabled='true'"
    layer = QgsVectorLayer(where, name, "OAPIF")
    if not layer.isValid():
        fail(f"{name}: {layer.error().message()}")
    return sorted(feature["id"] for feature in layer.getFeatures(request))


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
    schema = get(f"/collections/{name}/schema")
    text = value_of(features, schema, ["string"])
    if text:
        field, value = text
        request = QgsFeatureRequest().setFilterExpression(f"\"{field}\" = '{value}'")
        check(f"{name}: {field} = {value}", read(name, request), ids(ours(name, **{field: value})))
    number = value_of(features, schema, ["number", "integer"])
    if number:
        field, value = number
        request = QgsFeatureRequest().setFilterExpression(f'"{field}" > {value}')
        expected = ours(name, filter=f"{field} > {value}")
        check(f"{name}: {field} > {value}", read(name, request), ids(expected))


QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
collections = get("/collections")["collections"]
for collection in collections:
    check_collection(collection)
print(f"{checked} answers of {len(collections)} collections to QGIS {Qgis.QGIS_VERSION}: all the same", flush=True)
# Python's QGIS may crash when it takes itself down.
os._exit(0)
