# phase NAME COMMAND…: runs the command and says how long it took.
# Sourced; not run by itself.
phase() {
    local name=$1 since=$SECONDS
    shift
    printf '== %s\n' "$name"
    "$@"
    printf '== %s: %d s\n' "$name" $((SECONDS - since))
}
