# A small district and its server, for QGIS without a screen; sourced by the commands beside it.
. tests/phase.sh
terrier=$PWD/target/debug/terrier
work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# As root, with Debian's packages.
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
packages() {
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

# district ASSETS: makes it.
district() {
    cargo build --locked --quiet -p terrier
    "$terrier" --data "$work/district" demo --assets "$1" --seed 7 >/dev/null
}

# serve: sets $url.
serve() {
    "$terrier" --data "$work/district" serve --listen 127.0.0.1:0 --today 2026-07-01 \
        >/dev/null 2>"$work/serve.log" &
    server=$!
    for _ in $(seq 300); do
        url=$(grep -m 1 '^serving' "$work/serve.log" | grep -o '[^ ]*$') && return
        sleep 0.1
    done
    cat "$work/serve.log" >&2
    return 1
}
