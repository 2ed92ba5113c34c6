#!/usr/bin/env python3
"""usage: windows.py URL FEATURES FILE [COUNT]

Writes windows that hold about so many assets of the server at URL, one a line: around assets drawn with
a fixed seed, 16 to 10 in degrees, and never more than FEATURES in one."""
import http.client
import json
import random
import sys
from urllib.parse import urlsplit

url, features, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
count = int(sys.argv[4]) if len(sys.argv) > 4 else 500
connection = http.client.HTTPConnection(urlsplit(url).netloc)
draw = random.Random(features)


def items(query):
    connection.request("GET", f"/collections/assets/items?limit=1&{query}")
    return json.load(connection.getresponse())


def first(position):
    while isinstance(position[0], list):
        position = position[0]
    return position


def window(x, y, width):
    return f"{x - width / 2:.7f},{y - width * 5 / 16:.7f},{x + width / 2:.7f},{y + width * 5 / 16:.7f}"


assets = items("")["numberMatched"]
windows = []
while len(windows) < count:
    feature = items(f"offset={draw.randrange(assets)}")["features"][0]
    x, y = first(feature["geometry"]["coordinates"])
    least, most = 0.0, 1.0
    for _ in range(30):
        width = (least + most) / 2
        held = items(f"bbox={window(x, y, width)}")["numberMatched"]
        if 0.9 * features <= held <= features:
            windows.append(window(x, y, width))
            break
        least, most = (width, most) if held < features else (least, width)
with open(path, "w") as file:
    file.write("\n".join(windows) + "\n")
