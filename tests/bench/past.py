"""Usage: past.py change: every second of the assets on stdin, with another owner, on stdout.
past.py ask URL HUNDREDS THOUSANDS: the milliseconds of pages of a collection, of single assets, and of the windows
of two files, which hold about 100 and 1,000 assets, now and in the past, each the median of twenty, and by that
of now."""

import http.client
import json
import statistics
import sys
import time
import urllib.parse


def change():
    for number, line in enumerate(sys.stdin):
        if number % 2:
            feature = json.loads(line)
            feature["properties"]["owner"] = "changed"
            print(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))


def ask(url, windows):
    url = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(url.hostname, url.port)

    def get(path):
        since = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - since) * 1000
        assert answer.status == 200, body
        return json.loads(body), took

    changes = get("/change-sets?limit=2")[0]["changes"]
    last, before = changes[0]["sequence"], changes[1]["sequence"]
    moment = changes[1]["recorded_at"]
    ways = {
        "now": "",
        "as of the last change": f"known-at={last}",
        "as of before it": f"as-of={moment}&known-at={last}",
        "as known before it": f"known-at={before}",
    }
    lights = "/collections/light_poles/items"
    one = get(f"{lights}?limit=1")[0]["features"][0]["id"]
    questions = {
        "1,000 lights": [f"{lights}?limit=1000"] * 20,
        "one": [f"{lights}/{one}?"] * 20,
    }
    for about, file in windows.items():
        boxes = [line.strip() for line in open(file)][:20]
        all_of_it = "/collections/assets/items?limit=10000&bbox="
        questions[f"window of {about}"] = [all_of_it + box for box in boxes]
    for what, paths in questions.items():
        now = None
        for way, asked in ways.items():
            found = [get(f"{path}&{asked}".rstrip("&?").replace("?&", "?")) for path in paths]
            median = statistics.median(took for _, took in found)
            now = now or median
            features = sum(len(page.get("features", [0])) for page, _ in found) / len(found)
            if what.startswith("window"):
                links = [link["rel"] for page, _ in found for link in page["links"]]
                assert "next" not in links, "a page has the whole window"
            print(f"{what:16} {way:24} {features:6.0f} {median:8.2f}  {median / now:6.2f}")


if sys.argv[1] == "change":
    change()
else:
    ask(sys.argv[2], {"100": sys.argv[3], "1,000": sys.argv[4]})
