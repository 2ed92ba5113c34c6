"""Usage: past.py change: every second of the assets on stdin, with another owner, on stdout.
past.py ask URL: the times of pages and single assets, now and in the past, in milliseconds, each the median
of twenty, and by that of now."""

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


def ask(url):
    url = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(url.hostname, url.port)

    def get(path):
        since = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return json.loads(body), (time.perf_counter() - since) * 1000

    changes = get("/change-sets?limit=2")[0]["changes"]
    last, before = changes[0]["sequence"], changes[1]["sequence"]
    moment = changes[1]["recorded_at"]
    ways = {
        "now": "",
        "as of the last change": f"known-at={last}",
        "as of before it": f"as-of={moment}&known-at={last}",
        "as known before it": f"known-at={before}",
    }
    items = "/collections/light_poles/items"
    one = get(f"{items}?limit=1")[0]["features"][0]["id"]
    for what, path in (("1,000", f"{items}?limit=1000"), ("one", f"{items}/{one}?")):
        now = None
        for way, asked in ways.items():
            whole = f"{path}&{asked}".rstrip("&?").replace("?&", "?")
            median = statistics.median(get(whole)[1] for _ in range(20))
            now = now or median
            print(f"{what:6} {way:24} {median:8.2f}  {median / now:6.2f}")


if sys.argv[1] == "change":
    change()
else:
    ask(sys.argv[2])
