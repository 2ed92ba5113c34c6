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

build() {
    (cd "$root" && cargo build --release --quiet -p terrier && cargo build --release --quiet -p terrier-api --example constant)
}

# A folder with gen.py, box.lua and boxes/, given as the first argument.
tools() {
    bench=${1:?"usage: $0 FOLDER, the folder with gen.py, box.lua and boxes/"}
    [ -f "$bench/gen.py" ] || { echo "no gen.py in $bench" >&2; exit 1; }
}

# The million assets as a file, made once.
million() {
    [ -f "$kept/million.geojsonl" ] || {
        python3 "$bench/gen.py" 1000000 "$kept/million.part" && mv "$kept/million.part" "$kept/million.geojsonl"
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

# gauge NAME: what the server at $url says of itself.
gauge() { curl -s "$url/metrics" | sed -n "s/^terrier_$1 //p"; }

ratio() { echo "scale=3; $1 / $2" | bc | sed 's/^\./0./'; }
