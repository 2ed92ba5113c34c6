"""Usage: scope.py part: the western half of the million, with an edge of 400 positions, as GeoJSON on stdout.
scope.py ask URL WINDOWS NAME=KEY…: the milliseconds of pages and of single assets, and by those without a key.

Each window is asked for by every caller in turn, five times, and the best of each counts; right after an edit
the median of a hundred pages."""

import http.client
import json
import math
import statistics
import sys
import time
import urllib.parse

EDGE, WEST, SOUTH, NORTH = 117.23, 117.0, 38.9, 39.3
PAGES = 100


def part():
    """A border that goes to and fro, as those of districts do."""
    steps = [SOUTH + (NORTH - SOUTH) * step / 400 for step in range(401)]
    border = [[EDGE + 0.0004 * math.sin(step * 50), y] for step, y in enumerate(steps)]
    ring = [[WEST, SOUTH], *border, [WEST, NORTH], [WEST, SOUTH]]
    json.dump({"type": "Polygon", "coordinates": [ring]}, sys.stdout)


def ask(url, windows, callers):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)

    def get(path, key):
        since = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return time.perf_counter() - since, body

    def table(title, paths):
        print(f"{title:34} {'ms':>8} {'ratio':>7} {'features':>9}")
        least = {name: [math.inf] * len(paths) for name in callers}
        found = dict.fromkeys(callers, 0)
        for turn in range(5):
            for place, path in enumerate(paths):
                # Who comes first warms the page for the others.
                first = place % len(callers)
                for name, key in [*callers.items()][first:] + [*callers.items()][:first]:
                    took, body = get(path, key)
                    least[name][place] = min(least[name][place], took)
                    if turn == 0:
                        found[name] += len(json.loads(body).get("features", [None]))
        first = None
        for name, all_of_it in least.items():
            mean = sum(all_of_it) / len(all_of_it) * 1000
            first = first or mean
            print(f"{name:34} {mean:8.3f} {mean / first:7.2f} {found[name] / len(paths):9.0f}")

    def after_edits(boxes):
        print(f"{'pages right after an edit':34} {'ms':>8} {'ratio':>7}")
        lights = json.loads(get("/collections/light_poles/items?limit=100", None)[1])["features"]
        took = {name: [] for name in callers}
        for turn in range(100):
            for place, (name, key) in enumerate(callers.items()):
                edit(lights[turn]["id"], 10 + place)
                took[name].append(get(page + ",".join(map(str, boxes[turn % len(boxes)])), key)[0])
        first = None
        for name, all_of_it in took.items():
            median = statistics.median(all_of_it) * 1000
            first = first or median
            print(f"{name:34} {median:8.3f} {median / first:7.2f}")

    def edit(light, power):
        headers = {
            "Authorization": f"Bearer {callers['with a key']}",
            "Content-Type": "application/merge-patch+json",
        }
        body = json.dumps({"properties": {"power_w": power}})
        connection.request("PATCH", f"/collections/light_poles/items/{light}", body, headers)
        answer = connection.getresponse()
        assert answer.status in (200, 204), answer.read()
        answer.read()

    page = "/collections/assets/items?limit=1000&bbox="
    for name, key in callers.items():
        took, _ = get("/collections/assets/items?limit=1", key)
        print(f"first answer {name}: {took * 1000:.1f} ms")
    boxes = [[float(number) for number in line.split(",")] for line in open(windows)]
    within = [box for box in boxes if box[2] < EDGE - 0.001][:PAGES]
    heights = [box for box in boxes if SOUTH < box[1] and box[3] < NORTH][:PAGES]
    across = [[EDGE - (b[2] - b[0]) / 2, b[1], EDGE + (b[2] - b[0]) / 2, b[3]] for b in heights]
    for title, all_boxes in (("pages within the part", within), ("pages across its edge", across)):
        table(title, [page + ",".join(map(str, box)) for box in all_boxes])
    after_edits(across)
    few = [json.loads(get(page + ",".join(map(str, box)), None)[1])["features"][0] for box in within]
    table("single assets", [f"/collections/assets/items/{feature['id']}" for feature in few])


if sys.argv[1] == "part":
    part()
else:
    ask(sys.argv[2], sys.argv[3], {"without a key": None, **dict(pair.split("=", 1) for pair in sys.argv[4:])})
