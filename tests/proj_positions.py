"""Tells how PROJ describes coordinate systems, and where it puts places in them.

Reads lines of JSON: {"code": …, "operation": …, "places": [[lon, lat], …]}. The operation is the
number of the EPSG data set's way between the datum of the system and WGS 84, or null where there is
but one. For each line it writes one: name, axes in the authority's order, metres in one unit (null
for degrees), area of use, the positions [x, y] of the places, and the places of these positions.
"""

import json
import sys

from pyproj import CRS
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


def described(code, operation, places):
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
    }


for line in sys.stdin:
    print(json.dumps(described(**json.loads(line))))
