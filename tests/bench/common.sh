# What the benchmarks share: where things are, how servers start and end.
# Sourced by them; not run by itself.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
kept="$root/target/bench"
terrier="$root/target/release/terrier"
mkdir -p "$kept"

need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 1; }
    done
}

# Builds the programs, unless BUILT is set: then they are taken as they are.
build() {
    [ -z "${BUILT:-}" ] || return 0
    (cd "$root" && cargo build --release --quiet -p terrier && cargo build --release --quiet -p terrier-api --example constant)
}

# The million assets as a file, made once.
million() {
    [ -f "$kept/million.geojsonl" ] || {
        python3 "$root/tests/bench/million.py" 1000000 "$kept/million.part" && mv "$kept/million.part" "$kept/million.geojsonl"
    }
}

# The million assets as a registry, made once.
million_registry() {
    million
    [ -d "$kept/million" ] || {
        rm -rf "$kept/million.part"
        "$terrier" --data "$kept/million.part" import "$kept/million.geojsonl" \
            --mapping "$root/tests/bench/million.toml" 2>/dev/null >&2
        mv "$kept/million.part" "$kept/million"
    }
}

# city MILLIONS: a made-up district of every class with events and rules, made once.
city() {
    [ -d "$kept/city-$1" ] || "$terrier" --data "$kept/city-$1" demo --assets $(($1 * 1000000)) >&2
}

# windows NAME FEATURES: sets $list to a file of windows that hold about so many assets of the server at
# $url, which serves the registry of that name; made once.
windows() {
    mkdir -p "$kept/windows"
    list="$kept/windows/$1-$2"
    [ -f "$list" ] || {
        python3 "$root/tests/bench/windows.py" "$url" "$2" "$list.part" && mv "$list.part" "$list"
    }
}

# ask URL CONNECTIONS SECONDS FILE PREFIX SUFFIX: asks for windows of a file; sets $requests, $bytes (a
# request), $rate (a second), $errors, $p50 and $p99 (milliseconds).
ask() {
    local micros
    read -r requests bytes micros errors p50 p99 < <(
        wrk -t1 "-c$2" "-d${3}s" --timeout 60s -s "$root/tests/bench/windows.lua" "$1" -- "$4" "$5" "$6" |
            sed -n 's/^RESULT //p'
    )
    bytes=$((bytes / requests)) rate=$(echo "scale=2; $requests * 1000000 / $micros" | bc)
    p50=$(echo "scale=2; $p50 / 1000" | bc) p99=$(echo "scale=2; $p99 / 1000" | bc)
}

pids=()
end_servers() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; }
trap end_servers EXIT

# serve FOLDER: starts a server of the registry; sets $url, $pid and $start_s, the time from start
# to the first answer.
serve() {
    local log since now
    log=$(mktemp)
    since=$(date +%s%N)
    "$terrier" --data "$1" serve --listen 127.0.0.1:0 2>"$log" &
    pid=$!
    pids+=("$pid")
    until url=$(sed -n 's/^serving .* at //p' "$log") && [ -n "$url" ] &&
        curl -sfo /dev/null "$url/collections/assets/items?limit=1000"; do
        kill -0 "$pid" || { cat "$log" >&2; exit 1; }
        sleep 0.01
    done
    now=$(date +%s%N)
    start_s=$(echo "scale=2; ($now - $since) / 1000000000" | bc)
    rm "$log"
}

# resident PID: bytes of memory that it holds.
resident() { echo $(($(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status") * 1024)); }

# busy PID: microseconds of processor time that it has taken.
busy() { awk '{ print ($14 + $15) * 10000 }' "/proc/$1/stat"; }

# gauge NAME: what the server at $url says of itself.
gauge() { curl -s "$url/metrics" | sed -n "s/^terrier_$1 //p"; }

ratio() { echo "scale=3; $1 / $2" | bc | sed 's/^\./0./'; }
