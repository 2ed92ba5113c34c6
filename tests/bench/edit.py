"""Edits of a server, and reads beside them: see `edit`."""
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

terrier, url, kept, windows = sys.argv[1:]
host = urllib.parse.urlsplit(url).netloc
LIGHTS = "/collections/light_poles/items"
SECONDS = 6


def fsyncs(count=50):
    path, times = os.path.join(kept, "fsync"), []
    with open(path, "wb", buffering=0) as file:
        for _ in range(count):
            file.write(b"x" * 8192)
            since = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - since)
    os.remove(path)
    return statistics.median(times)


class Client:
    def __init__(self):
        self.connection = http.client.HTTPConnection(host, timeout=120)

    def send(self, method, path, body=None, kind="application/geo+json"):
        headers = {"Content-Type": kind, "Prefer": "return=representation"} | AUTHORISATION
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status < 300, (answer.status, text[:300])
        return json.loads(text) if text else None


AUTHORISATION = {"Authorization": f"Bearer {os.environ['KEY']}"} if "KEY" in os.environ else {}


def light(number):
    place = [117.0 + number % 997 / 5000, 39.0 + number % 991 / 5000]
    return {"type": "Feature", "properties": {"code": f"bench-{number}", "power_w": 70},
            "geometry": {"type": "Point", "coordinates": place}}


def at_once(clients, seconds, work):
    """The times of all calls of `work(client, number)` by so many clients."""
    times, end = [[] for _ in range(clients)], time.perf_counter() + seconds

    def run(place):
        client, turn = Client(), 0
        while time.perf_counter() < end:
            since = time.perf_counter()
            work(client, place * 1_000_000 + turn)
            times[place].append(time.perf_counter() - since)
            turn += 1

    threads = [threading.Thread(target=run, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(sum(times, []))


def singles(clients):
    sync = fsyncs()
    times = at_once(clients, SECONDS, lambda client, number: client.send("POST", LIGHTS, json.dumps(light(number))))
    middle, slow = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"{clients:2} clients: {len(times) / SECONDS:6.0f} edits a second; half within {middle * 1e3:.2f} ms "
          f"({middle / sync:.1f} fsyncs of {sync * 1e3:.2f} ms), 99 of 100 within {slow * 1e3:.2f} ms ({slow / sync:.1f})")


def transactions(size):
    sync, client, times = fsyncs(), Client(), []
    for turn in range(5):
        edits = [{"action": "insert", "collection": "light_poles", "feature": light(turn * size + n)} for n in range(size)]
        body, since = json.dumps({"edits": edits}), time.perf_counter()
        client.send("POST", "/transactions", body, "application/json")
        times.append(time.perf_counter() - since)
    middle = statistics.median(times)
    print(f"transaction of {size}: {middle * 1e3:.1f} ms ({middle / sync:.1f} fsyncs, {size / middle:.0f} edits a second)")


def seen():
    client, other, missed = Client(), Client(), 0
    for number in range(200):
        made = client.send("POST", LIGHTS, json.dumps(light(number)))
        found = other.send("GET", f"{LIGHTS}/{made['id']}")
        missed += found["id"] != made["id"]
    print(f"200 edits, each asked for on another connection as soon as it is answered: {missed} not seen")


def reads(seconds=SECONDS):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "windows.lua")
    command = ["wrk", "-t1", "-c8", f"-d{seconds}s", "--timeout", "60s", "-s", script, url, "--", windows,
               "/collections/assets/items?limit=100&bbox=", ""]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    requests, _, micros, errors, p50, p99 = next(
        line for line in told.splitlines() if line.startswith("RESULT")).split()[1:7]
    assert int(errors) == 0, told
    return int(requests) * 1e6 / int(micros), int(p99) / 1e3


def beside():
    alone, alone_p99 = reads()
    end = threading.Event()

    def edit():
        client, number, next_at = Client(), 0, time.perf_counter()
        while not end.is_set():
            client.send("POST", LIGHTS, json.dumps(light(number)))
            edited.append(time.perf_counter())
            number += 1
            next_at += 0.01
            time.sleep(max(0.0, next_at - time.perf_counter()))

    edited = []
    editor = threading.Thread(target=edit)
    editor.start()
    edits, edits_p99 = reads()
    before = len(edited)
    path = os.path.join(kept, "more.geojsonl")
    with open(path, "w") as file:
        for number in range(100_000):
            file.write(json.dumps(light(number) | {"id": f"more-{number}"}) + "\n")
    command = [terrier, "--data", os.path.join(kept, "edited"), "import", path, "--as", "light_poles", "--source", "more"]
    importing = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    since = time.perf_counter()
    both, both_p99 = reads()
    importing.wait()
    took = time.perf_counter() - since
    end.set()
    editor.join()
    os.remove(path)
    print(f"pages of 100 at 8 connections: {alone:.0f} a second alone (99 of 100 within {alone_p99:.1f} ms); beside {before / SECONDS:.0f} "
          f"edits a second {edits / alone:.2f} of that ({edits_p99:.1f} ms); beside these and an import of "
          f"100,000 ({took:.1f} s) {both / alone:.2f} ({both_p99:.1f} ms)")


for count in (1, 8, 32):
    singles(count)
for size in (100, 10_000):
    transactions(size)
seen()
beside()
