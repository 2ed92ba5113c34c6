"""Edits street lights of a server with QGIS: inserts one, changes it, moves it, deletes it, and meets others
who edit the same. Each time what QGIS says of it is compared with what the server has.

usage: edit.py URL KEY
"""

import json
import os
import sys
import urllib.error
import urllib.request

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsVectorDataProvider,
    QgsVectorLayer,
)

URL, KEY = sys.argv[1], sys.argv[2]
LIGHTS = "/collections/light_poles/items"
# Lights of which an editor must have seen the newest version.
STRICT = "/collections/light_cabinets/items"
# What QGIS writes into its log; of a change that is refused it says why only there.
LOGGED = []


def fail(text):
    print(text, file=sys.stderr)
    # What QGIS holds does not end in order.
    os._exit(1)


def check(what, found, expected):
    if found != expected:
        fail(f"{what}: found {found!r}, expected {expected!r}")
    print(f"{what}: {found!r}")


def get(path):
    request = urllib.request.Request(f"{URL}{path}", headers={"Authorization": f"Bearer {KEY}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def matched(path):
    return get(f"{path}?limit=1")[1]["numberMatched"]


def layer_of(name):
    where = f"url='{URL}' typename='{name}' version='OGC_API_FEATURES' username='qgis' password='{KEY}'"
    layer = QgsVectorLayer(where, name, "OAPIF")
    if not layer.isValid():
        fail(f"{name}: {layer.error().message()}")
    return layer


def by_code(layer, code):
    found = [feature for feature in layer.getFeatures() if feature["code"] == code]
    if len(found) != 1:
        fail(f"{layer.name()}: {len(found)} features of code {code}")
    return found[0]


def save(layer, edit):
    """Edits and saves; what QGIS says is wrong, in its message and its log, as one text."""
    LOGGED.clear()
    layer.startEditing()
    edit(layer)
    if layer.commitChanges():
        return ""
    # Requests are sent by another thread, whose words are still on their way.
    application.processEvents()
    errors = " ".join(" ".join([*layer.commitErrors(), *LOGGED]).split())
    layer.rollBack()
    return errors


def insert(code, x, y):
    def edit(layer):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        feature["code"] = code
        layer.addFeature(feature)

    return edit


def change(feature, **values):
    def edit(layer):
        for name, value in values.items():
            layer.changeAttributeValue(feature.id(), layer.fields().indexOf(name), value)

    return edit


def move(feature, x, y):
    return lambda layer: layer.changeGeometry(feature.id(), QgsGeometry.fromPointXY(QgsPointXY(x, y)))


def delete(feature):
    return lambda layer: layer.deleteFeature(feature.id())


def edit_alone():
    layer = layer_of("light_poles")
    capabilities = layer.dataProvider().capabilities()
    wanted = (
        QgsVectorDataProvider.AddFeatures
        | QgsVectorDataProvider.ChangeAttributeValues
        | QgsVectorDataProvider.ChangeGeometries
        | QgsVectorDataProvider.DeleteFeatures
    )
    check("may edit", int(capabilities & wanted), int(wanted))
    before = matched(LIGHTS)
    check("insert", save(layer, insert("QGIS-1", 117.21, 39.11)), "")
    check("lights more", matched(LIGHTS) - before, 1)
    found = get(f"{LIGHTS}?code=QGIS-1")[1]["features"]
    check("inserted at", [one["geometry"]["coordinates"] for one in found], [[117.21, 39.11]])
    path = f"{LIGHTS}/{found[0]['id']}"
    check("change", save(layer, change(by_code(layer, "QGIS-1"), power_w=120.0)), "")
    check("changed to", get(path)[1]["properties"]["power_w"], 120.0)
    check("move", save(layer, move(by_code(layer, "QGIS-1"), 117.22, 39.12)), "")
    check("moved to", get(path)[1]["geometry"]["coordinates"], [117.22, 39.12])
    versions = get(f"{path}/history")[1]["versions"]
    check("versions", len(versions), 3)
    check("who", {one["recorded"]["actor"] for one in versions}, {"administrator"})
    errors = save(layer, change(by_code(layer, "QGIS-1"), power_w=-5.0))
    check(f"a wrong value is told of: {errors}", "power_w" in errors and "-5" in errors, True)
    check("still", get(path)[1]["properties"]["power_w"], 120.0)
    check("delete", save(layer, delete(by_code(layer, "QGIS-1"))), "")
    check("deleted", get(path)[0], 410)
    check("lights more", matched(LIGHTS) - before, 0)


def edit_beside_others():
    ours, theirs = layer_of("light_poles"), layer_of("light_poles")
    check("insert", save(ours, insert("QGIS-2", 117.23, 39.13)), "")
    ours_seen, theirs_seen = by_code(ours, "QGIS-2"), by_code(theirs, "QGIS-2")
    path = f"{LIGHTS}/{get(f'{LIGHTS}?code=QGIS-2')[1]['features'][0]['id']}"
    # Who changes one attribute leaves what others changed in another.
    check("we change", save(ours, change(ours_seen, power_w=70.0)), "")
    check("they change", save(theirs, change(theirs_seen, height_m=9.0)), "")
    told = get(path)[1]["properties"]
    check("both stand", (told["power_w"], told["height_m"]), (70.0, 9.0))
    check("they delete", save(theirs, delete(theirs_seen)), "")
    errors = save(ours, change(ours_seen, power_w=80.0))
    check(f"that it is no more is told: {errors}", "is no more" in errors, True)
    strict = layer_of("light_cabinets")
    check("insert", save(strict, insert("QGIS-3", 117.24, 39.14)), "")
    errors = save(strict, change(by_code(strict, "QGIS-3"), code="QGIS-4"))
    check(f"that a version is wanted is told: {errors}", "If-Match" in errors, True)
    check("unchanged", len(get(f"{STRICT}?code=QGIS-3")[1]["features"]), 1)


QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
application.messageLog().messageReceived.connect(lambda text, *_: LOGGED.append(text))
print(f"QGIS {Qgis.QGIS_VERSION}")
edit_alone()
edit_beside_others()
sys.stdout.flush()
os._exit(0)
