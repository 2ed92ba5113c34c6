"""Usage: filter.py URL PID CLUSTER CSV WINDOWS: conditions on the assets of the server, which is that process,
on DuckDB and on PostGIS with the rows of the CSV. Prints milliseconds, medians, each count compared."""

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.parse

import duckdb
import duckdb_extension_spatial

url, pid, cluster, rows, windows = sys.argv[1:]
PSQL = ["psql", "-h", cluster, "-U", "bench", "-d", "postgres", "-qAtX", "-v", "ON_ERROR_STOP=1"]
TURNS = 15

# What is asked, in CQL2 and, where that is another text, in SQL.
CONDITIONS = [
    ("a number", "length_m > 60", None),
    ("a range", "length_m BETWEEN 30 AND 40", None),
    ("a day", "installed_on < DATE('1990-01-01')", "installed_on < DATE '1990-01-01'"),
    ("a text", "road = '友谊路'", None),
    ("LIKE on roads", "road LIKE '%南路'", None),
    ("LIKE on codes, all different", "code LIKE '%77'", None),
    ("IN", "street IN ('桃园街道', '马场街道', '梅江街道')", None),
    (
        "mixed",
        "length_m > 30 AND installed_on < DATE('2000-01-01') AND owner LIKE '%燃气%'",
        "length_m > 30 AND installed_on < DATE '2000-01-01' AND owner LIKE '%燃气%'",
    ),
    ("computed", "geom_length_m > length_m * 1.01 + 0.5", None),
]
MIXED = "road LIKE '%路' AND installed_on > DATE('1985-01-01')"
MIXED_SQL = "road LIKE '%路' AND installed_on > DATE '1985-01-01'"

server = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)


def get(path):
    try:
        server.request("GET", path)
        answer = server.getresponse()
    except http.client.RemoteDisconnected:
        # The server closes a connection that nobody has used for a while.
        server.close()
        return get(path)
    body = answer.read()
    assert answer.status == 200, body[:500]
    return json.loads(body)


def items(**parameters):
    return "/collections/assets/items?" + urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)


def busy(process):
    """Milliseconds of processor time that a process has taken."""
    with open(f"/proc/{process}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def timed(ask, process):
    """The median of several turns in milliseconds, the processor time of one that a process takes, and what
    was found."""
    found, times, since = ask(), [], busy(process)
    for _ in range(TURNS):
        start = time.perf_counter()
        assert ask() == found
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), (busy(process) - since) / TURNS, found


def load_duckdb():
    folder = os.path.join(os.path.dirname(duckdb_extension_spatial.__file__), "extensions")
    (file,) = (os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)
    duck = duckdb.connect(config={"threads": 2, "allow_unsigned_extensions": "true"})
    duck.execute(f"LOAD '{file}'")
    duck.execute(
        f"CREATE TABLE assets AS SELECT * EXCLUDE (wkt), ST_GeomFromText(wkt) AS geom "
        f"FROM read_csv('{rows}', header = true, sample_size = -1)"
    )
    duck.execute("CREATE INDEX places ON assets USING RTREE (geom)")
    return duck


class Postgres:
    """One session of psql, which tells the time of each statement as the server's client sees it."""

    def __init__(self):
        self.psql = subprocess.Popen(PSQL, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, sql):
        self.psql.stdin.write(f"\\timing on\n{sql};\n\\timing off\n\\echo end\n")
        self.psql.stdin.flush()
        lines = []
        while (line := self.psql.stdout.readline().rstrip("\n")) != "end":
            assert line or self.psql.poll() is None, "psql has ended"
            lines.append(line)
        took = float(re.search(r"Time: ([0-9.]+) ms", lines[-1]).group(1))
        return took, lines[:-1]


def whole(duck, postgres, assets):
    print(f"conditions over all {assets:,} assets: milliseconds of Terrier through HTTP, of DuckDB (two threads)")
    print("and of PostgreSQL; then their milliseconds of processor time, those of one process for PostgreSQL;")
    print("features a second of Terrier; DuckDB by Terrier, in time and in processor time; features found by all")
    backend = postgres.ask("SELECT pg_backend_pid()")[1][0]
    for name, cql, sql in CONDITIONS:
        sql = f"SELECT count(*) FROM assets WHERE {sql or cql}"
        ours = timed(lambda: get(items(limit=1, filter=cql))["numberMatched"], pid)
        theirs = timed(lambda: duck.execute(sql).fetchone()[0], os.getpid())
        other = timed(lambda: int(postgres.ask(sql)[1][0]), backend)
        assert ours[2] == theirs[2] == other[2], (name, ours, theirs, other)
        times = "  ".join(f"{took:7.2f}" for took, _, _ in (ours, theirs, other))
        worked = "  ".join(f"{worked:7.2f}" for _, worked, _ in (ours, theirs, other))
        print(
            f"{name:30}  {times}  {worked}  {assets / ours[0] * 1000:15,.0f}  {theirs[0] / ours[0]:6.2f}  "
            f"{theirs[1] / max(ours[1], 0.1):6.2f}  {ours[2]:9,}",
            flush=True,
        )


def in_windows(duck, postgres):
    boxes = open(windows).read().split()[:200]
    print("a condition in windows of at most 1,000 assets, the same features in all: for each of pages of whole")
    print("features and counts alone of Terrier, counts of DuckDB and of PostGIS the median milliseconds of 200")
    print("windows and the processor time of one; both by those of Terrier's counts")

    def edges(box, closing):
        return f"FROM assets WHERE {MIXED_SQL} AND ST_Intersects(geom, ST_MakeEnvelope({box}{closing}))"

    for box in boxes[:20]:
        page = get(items(limit=10000, bbox=box, filter=MIXED))
        ids = sorted(feature["id"] for feature in page["features"])
        in_duck = duck.execute(f"SELECT id::text {edges(box, '')}").fetchall()
        assert ids == sorted(row[0] for row in in_duck), box
        assert ids == sorted(postgres.ask(f"SELECT id {edges(box, ', 4326')}")[1]), box
    backend = postgres.ask("SELECT pg_backend_pid()")[1][0]
    asked = {
        "pages": (pid, lambda box: get(items(limit=10000, bbox=box, filter=MIXED))["numberReturned"]),
        "counts": (pid, lambda box: get(items(limit=1, bbox=box, filter=MIXED))["numberMatched"]),
        "duckdb": (os.getpid(), lambda box: duck.execute(f"SELECT count(*) {edges(box, '')}").fetchone()[0]),
        "postgis": (backend, lambda box: int(postgres.ask(f"SELECT count(*) {edges(box, ', 4326')}")[1][0])),
    }
    found, medians = {}, {}
    for name, (process, ask) in asked.items():
        [ask(box) for box in boxes]
        since, times, counts = busy(process), [], []
        for box in boxes:
            start = time.perf_counter()
            counts.append(ask(box))
            times.append((time.perf_counter() - start) * 1000)
        assert counts == found.setdefault("first", counts), name
        medians[name] = statistics.median(times), (busy(process) - since) / len(boxes)
    for name, (took, worked) in medians.items():
        ours = medians["counts"]
        print(f"{name:10}  {took:7.2f}  {worked:7.2f}  {took / ours[0]:6.2f}  {worked / ours[1]:6.2f}", flush=True)


def next_page(page):
    href = next(link["href"] for link in page["links"] if link["rel"] == "next")
    return href[href.index("/collections"):]


def deep():
    print("pages of 100 with `length_m > 20 OR length_m IS NULL`: milliseconds of page 1, page 500, and the")
    print("second by the first")
    for order in (None, "installed_on", "-geom_length_m"):
        by = {"sortby": order} if order else {}
        first = path = items(limit=100, filter="length_m > 20 OR length_m IS NULL", **by)
        for _ in range(499):
            path = next_page(get(path))
        page_1, page_500 = (
            timed(lambda path=path: len(get(path)["features"]), pid)[0] for path in (first, path)
        )
        name = order or "by place"
        print(f"{name:20}  {page_1:8.2f}  {page_500:8.2f}  {page_500 / page_1:6.2f}", flush=True)


def summaries(duck, postgres):
    print("a summary of the assets with `installed_on < DATE('2000-01-01')` by class: count and sum of")
    print("geom_length_m: milliseconds of Terrier, DuckDB, PostgreSQL; theirs by Terrier's")
    cql, sql = "installed_on < DATE('2000-01-01')", "installed_on < DATE '2000-01-01'"
    asked = urllib.parse.urlencode(
        {"group-by": "class", "measure": "count,geom_length_m", "filter": cql}, quote_via=urllib.parse.quote
    )
    sql = f"SELECT class, count(*), sum(geom_length_m) FROM assets WHERE {sql} GROUP BY class"
    ours, _, summary = timed(lambda: get(f"/collections/assets/summary?{asked}"), pid)
    theirs, _, in_duck = timed(
        lambda: sorted((row[0], row[1]) for row in duck.execute(sql).fetchall()), os.getpid()
    )
    other = timed(lambda: len(postgres.ask(sql)[1]), os.getpid())[0]
    assert len(in_duck) == len(summary["groups"]), (in_duck, summary)
    print(f"{ours:7.2f}  {theirs:7.2f}  {other:7.1f}  {theirs / ours:6.2f}  {other / ours:7.1f}")


assets = get(items(limit=1))["numberMatched"]
duck = load_duckdb()
assert duck.execute("SELECT count(*) FROM assets").fetchone() == (assets,)
postgres = Postgres()
whole(duck, postgres, assets)
in_windows(duck, postgres)
summaries(duck, postgres)
deep()
