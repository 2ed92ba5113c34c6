"""Usage: searched.py URL WORDS: the time of the first page of a search in all assets, in milliseconds, the median
of ten, and how many it finds."""

import http.client
import json
import statistics
import sys
import time
import urllib.parse

url, words = urllib.parse.urlsplit(sys.argv[1]), urllib.parse.quote(sys.argv[2])
connection = http.client.HTTPConnection(url.hostname, url.port)
times = []
for _ in range(10):
    since = time.perf_counter()
    connection.request("GET", f"/collections/assets/items?limit=100&q={words}")
    page = json.loads(connection.getresponse().read())
    times.append((time.perf_counter() - since) * 1000)
print(f"{sys.argv[2]:28}  {statistics.median(times):8.2f}  {page['numberMatched']:8}")
