"""Usage: sorted.py URL ORDER: the time of page 1 and of page 500 of the assets in an order, in
milliseconds, each the median of twenty, and the second by the first."""

import http.client
import json
import statistics
import sys
import time
import urllib.parse

url, order = urllib.parse.urlsplit(sys.argv[1]), sys.argv[2]
connection = http.client.HTTPConnection(url.hostname, url.port)


def ask(path):
    """The answer as JSON, and its time in milliseconds."""
    since = time.perf_counter()
    connection.request("GET", path)
    body = connection.getresponse().read()
    return json.loads(body), (time.perf_counter() - since) * 1000


def next_page(page):
    href = next(link["href"] for link in page["links"] if link["rel"] == "next")
    return href[href.index("/collections"):]


def median(path):
    return statistics.median(ask(path)[1] for _ in range(20))


first = f"/collections/assets/items?limit=100&sortby={order}"
path = first
for _ in range(499):
    path = next_page(ask(path)[0])
page_1, page_500 = median(first), median(path)
print(f"{order:28}  {page_1:8.2f}  {page_500:8.2f}  {page_500 / page_1:5.2f}")
