"""Writes places for the server of another make: some in a city, one in each box of the OGC's suite."""

import json

city = [(117.2 + 0.001 * number, 39.1 + 0.0007 * number) for number in range(40)]
boxes = [(0, 51.5), (-75, 1), (179, 67), (-179, 67), (20, 87), (20, -87)]
features = [
    {
        "type": "Feature",
        "id": f"p{number}",
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {"name": f"n{number % 7}", "size": number * 1.5},
    }
    for number, place in enumerate(city + boxes)
]
print(json.dumps({"type": "FeatureCollection", "features": features}))
