"""Tells how PROJ describes coordinate systems, and where it puts places in them.

Reads lines of JSON: {"code": …, "operation": …, "wkt": …, "places": [[lon, lat], …]}. The operation is the
number of the EPSG data set's way between the datum of the system and WGS 84, or null where there is
but one; the text is null where the system has none. For each line it writes one: name, axes in the
authority's order, metres in one unit (null for degrees), area of use, the positions [x, y] of the places,
the places of these positions, and what is wrong with the text, which is tried without its codes.
"""

import json
import re
import sys

from pyproj import CRS, Transformer
from pyproj.transformer import TransformerGroup


def way_between(code, operation):
    """The transformation from OGC:CRS84 to the system, longitude and easting first."""
    ways = TransformerGroup("OGC:CRS84", code, always_xy=True).transformers
    if operation is not None:
        ways = [way for way in ways if operation in numbers_of(way)]
    # PROJ would choose between several by accuracy, by place and by the grids that it finds.
    if len(ways) != 1:
        sys.exit(f"{code} by operation {operation}: {[way.description for way in ways]}")
    return ways[0]


def numbers_of(way):
    steps = [step.to_json_dict().get("id", {}) for step in way.operations or ()]
    return [step["code"] for step in steps if "EPSG" in step.get("authority", "")]


def faults_of(wkt, system, places):
    """In what a system of well-known text differs from that of the same code."""
    told = CRS.from_wkt(re.sub(r',AUTHORITY\["EPSG","\d+"\]', "", wkt))
    whole = CRS.from_wkt(wkt)
    # With a shift to WGS 84 the text is that of a system bound to it.
    whole = whole.source_crs if whole.is_bound else whole
    faults = [] if whole.to_epsg() == system.to_epsg() else ["code"]
    axes = [[axis.direction for axis in one.axis_info] for one in (told, system)]
    faults += [] if axes[0] == axes[1] else [f"axes {axes}"]
    ellipsoids = [(one.ellipsoid.semi_major_metre, one.ellipsoid.inverse_flattening) for one in (told, system)]
    faults += [] if ellipsoids[0] == ellipsoids[1] else [f"ellipsoid {ellipsoids}"]
    ways = [Transformer.from_crs(one.geodetic_crs, one, always_xy=True) for one in (told, system)]
    for place in places:
        here, there = (way.transform(*place) for way in ways)
        if max(abs(a - b) for a, b in zip(here, there)) > 1e-4:
            faults.append(f"{place} at {here}, not {there}")
    return faults


def described(code, operation, wkt, places):
    system = CRS.from_user_input(code)
    axes = system.axis_info
    is_angle = axes[0].unit_name == "degree"
    way = way_between(code, operation)
    positions = [way.transform(*place, errcheck=True) for place in places]
    back = [way.transform(*place, direction="INVERSE", errcheck=True) for place in positions]
    return {
        "name": system.name,
        "axes": [axis.name.split()[-1].lower() for axis in axes],
        "metres": None if is_angle else axes[0].unit_conversion_factor,
        "area": system.area_of_use.bounds,
        "positions": positions,
        "places": back,
        "faults": faults_of(wkt, system, places) if wkt else [],
    }


for line in sys.stdin:
    print(json.dumps(described(**json.loads(line))))
