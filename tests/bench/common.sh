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

# The rows of the million as text, made once; sets $rows to the file.
million_rows() {
    rows="$kept/million-assets.csv"
    [ -f "$rows" ] || {
        "$terrier" --data "$kept/million" export assets --format csv --raw -o "$kept/part.csv" 2>/dev/null >&2
        mv "$kept/part.csv" "$rows"
    }
}

# packages NAME PACKAGE…: sets $python to one that has these packages of PyPI, installed once.
packages() {
    python="$kept/$1/bin/python"
    [ -f "$kept/$1/whole" ] || {
        rm -rf "${kept:?}/$1"
        python3 -m venv "$kept/$1"
        "$python" -m pip install -q "${@:2}"
        touch "$kept/$1/whole"
    }
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

pids=() cluster=
end_servers() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    [ -z "$cluster" ] || {
        "${as[@]}" "$postgres/pg_ctl" -D "$cluster/data" -m immediate stop >/dev/null 2>&1 || true
        rm -rf "$cluster"
    }
}
trap end_servers EXIT

# postgis: a PostgreSQL of Debian's with PostGIS and the rows of the million as the table `assets`, for
# as long as the run lasts; sets $cluster, the folder of its socket, and PGPORT for those who ask it.
postgis() {
    postgres=/usr/lib/postgresql/15/bin
    need "$postgres/initdb" psql
    million_rows
    # PostgreSQL refuses to run as root.
    as=()
    [ "$(id -u)" != 0 ] || as=(runuser -u postgres --)
    cluster=$(mktemp -d)
    [ "$(id -u)" != 0 ] || chown postgres "$cluster"
    PGPORT=$(free_port)
    export PGPORT
    "${as[@]}" "$postgres/initdb" -D "$cluster/data" -U bench -E UTF8 --locale C -A trust >/dev/null
    cat >>"$cluster/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $PGPORT
unix_socket_directories = '$cluster'
shared_buffers = 4GB
work_mem = 64MB
random_page_cost = 1.1
jit = off
CONF
    "${as[@]}" "$postgres/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w start >/dev/null
    python3 "$root/tests/bench/table.py" "$url" "$rows" |
        psql -h "$cluster" -U bench -d postgres -qAtX -v ON_ERROR_STOP=1 >/dev/null
}

# serve FOLDER: starts a server of the registry; sets $url, $pid, $served, which is the folder, and $start_s,
# the time from start to the first answer.
serve() {
    local log since now
    served=$1
    log=$(mktemp)
    since=$(date +%s%N)
    "$terrier" --data "$1" serve --listen 127.0.0.1:0 --public-collections '*' 2>"$log" &
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

# gauge NAME: what the server at $url says of itself to who has a key of its registry, which is made once.
gauge() {
    local key="$served/bench.key"
    [ -s "$key" ] || "$terrier" --data "$served" key create --administrator >"$key" 2>/dev/null
    curl -s -H "Authorization: Bearer $(cat "$key")" --retry 50 --retry-delay 1 --retry-all-errors -f \
        "$url/metrics" | sed -n "s/^terrier_$1 //p"
}

ratio() { echo "scale=3; $1 / $2" | bc | sed 's/^\./0./'; }
