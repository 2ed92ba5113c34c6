#!/usr/bin/env python3
"""usage: million.py COUNT FILE

Writes so many made-up assets, one GeoJSON feature a line, the same every time: 55 % street lights, 20 %
drains of 2 to 6 positions, 20 % gas pipes of 2 to 12 and 5 % pieces of greenway of 20 to 80, along a
grid of streets that is denser in the middle. A million of them cover 22 km by 32 km."""
import datetime
import json
import math
import random
import sys

count, path = int(sys.argv[1]), sys.argv[2]
draw = random.Random(20231)

# A hundred thousand fill 0.08 by 0.09 degrees; more of them a larger place at the same density.
CENTRE = (117.23, 39.085)
SCALE = math.sqrt(count / 100_000)
WIDTH, HEIGHT = 0.08 * SCALE, 0.09 * SCALE
WEST, SOUTH = CENTRE[0] - WIDTH / 2, CENTRE[1] - HEIGHT / 2
METRES_EAST, METRES_NORTH = 111_320 * math.cos(math.radians(CENTRE[1])), 110_950
BLOCK = 250.0
COLUMNS = max(2, round(WIDTH * METRES_EAST / BLOCK))
ROWS = max(2, round(HEIGHT * METRES_NORTH / BLOCK))

ROADS = (
    "友谊路 黑牛城道 大沽南路 解放南路 紫金山路 围堤道 南京路 珠江道 洞庭路 太湖路 怒江道 九江路 平山道 宾水道 "
    "乐园道 越秀路 绍兴道 永安道 利民道 琼州道 隆昌路 郁江道 泗水道 微山路 浯水道 学苑路 枫林路 梅江道 "
    "环岛东路 复兴河路"
).split()
STREETS = (
    "大营门街道 下瓦房街道 桃园街道 挂甲寺街道 马场街道 越秀路街道 友谊路街道 天塔街道 尖山街道 陈塘庄街道 "
    "柳林街道 东海街道 梅江街道 太湖路街道"
).split()
OWNERS = {
    "streetlight": ["河西区城管委照明所", "天津市路灯管理处"],
    "drainage": ["河西区排水管理所", "天津市排水公司第三所"],
    "gas": ["津燃华润燃气有限公司", "天津能源集团燃气公司"],
    "greenway": ["河西区园林绿化服务中心"],
}
MATERIALS = {
    "streetlight": ["led", "sodium", "solar_led"],
    "drainage": ["concrete", "hdpe", "ductile_iron", "brick"],
    "gas": ["pe100", "steel", "grey_cast_iron"],
    "greenway": ["asphalt", "permeable_brick", "boardwalk"],
}
DIAMETERS = {
    "streetlight": [None],
    "drainage": [300, 400, 500, 600, 800, 1000, 1200],
    "gas": [63, 90, 110, 160, 200, 315],
    "greenway": [None],
}
# Least and most positions, least and most metres, metres beside the road, metres of wobble.
LINES = {
    "drainage": ((2, 6), (20, 60), 4, 0.5),
    "gas": ((2, 12), (15, 120), 6.5, 0.8),
    "greenway": ((20, 80), (150, 600), 14, 2.5),
}
PREFIXES = {"streetlight": "LD", "drainage": "PS", "gas": "RQ", "greenway": "LDX"}
CLASSES = ["streetlight"] * 11 + ["drainage"] * 4 + ["gas"] * 4 + ["greenway"]
STATUSES = ["in_service"] * 90 + ["planned"] * 4 + ["under_repair"] * 4 + ["out_of_service"] * 2
FIRST_DAY, LAST_DAY = datetime.date(1985, 1, 1).toordinal(), datetime.date(2023, 10, 31).toordinal()
FIRST_LOOK = datetime.date(2019, 1, 1).toordinal()


def weight(edge):
    """How many assets a side of a block draws beside the others."""
    block = edge // 2
    x, y = (block % COLUMNS / COLUMNS - 0.5) * 2, (block // COLUMNS / ROWS - 0.5) * 2
    return (0.35 + math.exp(-(x * x + y * y) * 1.2)) * draw.lognormvariate(0, 0.5)


def line(kind, side, along, start):
    """Positions in metres, and the length."""
    (fewest, most), (shortest, longest), beside, wobble = LINES[kind]
    positions, length = draw.randint(fewest, most), draw.uniform(shortest, longest)
    angle = along + draw.gauss(0, 0.05)
    x, y = start(beside * side)
    if kind != "greenway" and draw.random() < 0.3:
        angle += math.pi / 2
    step, points = length / (positions - 1), [(x, y)]
    for _ in range(positions - 1):
        angle += draw.gauss(0, 0.12 if kind == "greenway" else 0.03)
        x, y = x + math.cos(angle) * step, y + math.sin(angle) * step
        points.append((x + draw.gauss(0, wobble * 0.2), y + draw.gauss(0, wobble * 0.2)))
    return points, round(length, 1)


def asset(number, edge, corner, along):
    kind, at = draw.choice(CLASSES), draw.uniform(0, BLOCK)
    side = 1 if draw.random() < 0.5 else -1
    (ahead_x, ahead_y), (beside_x, beside_y) = (
        (math.cos(along), math.sin(along)),
        (-math.sin(along), math.cos(along)),
    )

    def place(beside):
        x, y = corner
        return x + ahead_x * at + beside_x * beside, y + ahead_y * at + beside_y * beside

    if kind == "streetlight":
        # A quarter stands in the yards, the others in a row at both kerbs.
        if draw.random() < 0.25:
            beside = draw.uniform(10, 120) * side
        else:
            at = round(at / 15) * 15 + draw.gauss(0, 0.6)
            beside = (9 + draw.gauss(0, 0.7)) * side
        points, length = [place(beside)], None
    else:
        points, length = line(kind, side, along, place)
    degrees = [[round(x / METRES_EAST, 7), round(y / METRES_NORTH, 7)] for x, y in points]
    installed = draw.randint(FIRST_DAY, LAST_DAY)
    looked_at = draw.randint(max(installed, FIRST_LOOK), LAST_DAY) if installed < LAST_DAY else LAST_DAY
    condition = min(5, max(1, round(1 + (LAST_DAY - installed) / 3600 + draw.gauss(0, 0.7))))
    column, row = edge // 2 % COLUMNS, edge // 2 // COLUMNS
    properties = {
        "fid": number,
        "asset_code": f"HX-{PREFIXES[kind]}-{number:08d}",
        "class": kind,
        "status": draw.choice(STATUSES),
        "material": draw.choice(MATERIALS[kind]),
        "diameter_mm": draw.choice(DIAMETERS[kind]),
        "installed": datetime.date.fromordinal(installed).isoformat(),
        "owner": draw.choice(OWNERS[kind]),
        "road": ROADS[(row if edge % 2 else column + 11) % len(ROADS)],
        "street": STREETS[(column // 6 + (row // 6) * 5) % len(STREETS)],
        "last_inspected": datetime.date.fromordinal(looked_at).isoformat(),
        "condition": condition,
        "length_m": length,
    }
    shape = {"type": "Point", "coordinates": degrees[0]}
    if kind != "streetlight":
        shape = {"type": "LineString", "coordinates": degrees}
    return {"type": "Feature", "id": number, "geometry": shape, "properties": properties}


weights = [weight(edge) for edge in range(COLUMNS * ROWS * 2)]
total, sofar, number = sum(weights), 0.0, 0
with open(path, "w", encoding="utf-8", buffering=1 << 20) as file:
    for edge, share in enumerate(weights):
        sofar += share
        until = count if edge == len(weights) - 1 else int(sofar / total * count)
        if until == number:
            continue
        block = edge // 2
        corner = (
            WEST * METRES_EAST + block % COLUMNS * BLOCK + draw.gauss(0, 15),
            SOUTH * METRES_NORTH + block // COLUMNS * BLOCK + draw.gauss(0, 15),
        )
        along = (0.0 if edge % 2 else math.pi / 2) + draw.gauss(0, 0.08)
        while number < until:
            number += 1
            feature = asset(number, edge, corner, along)
            file.write(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) + "\n")
