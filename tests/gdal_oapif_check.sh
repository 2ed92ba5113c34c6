#!/usr/bin/env bash
# Reads a collection of a running server as GDAL's OAPIF driver does (gdal-bin of Debian, 3.6.2 or
# later): the list of layers, counts, every page by two sizes, one feature, a box, a filter.
# usage: gdal_oapif_check.sh BASE_URL COLLECTION EXPECTED_COUNT [MINX MINY MAXX MAXY EXPECTED_IN_BBOX]
set -u
base=${1%/} coll=$2 want=$3
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
pass=0 fail=0
check() { # name expected got
  if [ "$2" = "$3" ]; then pass=$((pass + 1)); else fail=$((fail + 1)); echo "FAIL $1: expected $2, got $3"; fi
}
count() { ogrinfo -ro -so -al "$@" 2>"$work/err" | sed -n 's/^Feature Count: //p'; }

ogrinfo --formats | grep -q 'OAPIF -vector-' || { echo "this GDAL has no OAPIF driver"; echo "0 passed, 1 failed"; exit 1; }
check 'layer is listed' "$coll" "$(ogrinfo -ro -so "OAPIF:$base" 2>/dev/null | sed -n "s/^[0-9]*: \($coll\)\( (.*\)*$/\1/p")"
check 'count (numberMatched)' "$want" "$(count "OAPIF:$base" "$coll")"
check 'count by collection address' "$want" "$(count "OAPIF_COLLECTION:$base/collections/$coll")"
# Every page is walked: once with the driver's own page size (10 in 3.6.2), once with a large one.
for size in 10 1000; do
  rm -f "$work/out.gpkg"
  ogr2ogr -f GPKG -oo PAGE_SIZE=$size "$work/out.gpkg" "OAPIF:$base" "$coll" 2>"$work/err" || cat "$work/err"
  check "features copied, PAGE_SIZE=$size" "$want" "$(count "$work/out.gpkg")"
done
first=$(ogrinfo -ro -q "$work/out.gpkg" "$coll" -fid 1 2>/dev/null | sed -n 's/^  id (String) = //p')
if [ -n "$first" ]; then
  check 'one feature by its id (GET items/{id})' 1 "$(count -oo PAGE_SIZE=1000 "OAPIF:$base" "$coll" -where "id = '$first'")"
else
  check 'features have ids' 'an id' 'none'
fi
if [ $# -ge 8 ]; then
  check 'bbox at the server' "$8" "$(count -oo PAGE_SIZE=1000 "OAPIF:$base" "$coll" -spat "$4" "$5" "$6" "$7")"
  # Features are read and not only counted: GDAL counts by the rounded boxes of the copy's index.
  inside=$(ogrinfo -ro -q -al -geom=NO "$work/out.gpkg" -spat "$4" "$5" "$6" "$7" | grep -c '^OGRFeature(')
  check 'bbox in the copy' "$8" "$inside"
fi
# Any text field: the driver's answer with a filter must equal the copy's, whatever part of it the server evaluated.
field=$(ogrinfo -ro -so -al "$work/out.gpkg" | sed -n 's/^\([a-z_]*\): String .*/\1/p' | grep -v '^id$' | tail -1)
if [ -n "$field" ]; then
  value=$(ogrinfo -ro -q "$work/out.gpkg" "$coll" -fid 1 | sed -n "s/^  $field (String) = //p")
  check "filter $field = '$value'" "$(count "$work/out.gpkg" -where "$field = '$value'")" \
    "$(count -oo PAGE_SIZE=1000 "OAPIF:$base" "$coll" -where "$field = '$value'")"
fi
echo "$pass passed, $fail failed"
[ $fail -eq 0 ]
