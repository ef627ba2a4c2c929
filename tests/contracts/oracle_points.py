"""What the coordinate macros must say, in plain Python: GCJ-02 and BD-09 from CGCS2000 (domain.md, section 7.6), and back. Points are (lat, lon) in degrees."""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, hypot, pi, radians, sin, sqrt

A, E2 = 6378245.0, 0.00669342162296594323
Point = tuple[float, float]


def gcj_of_cgcs(lat: float, lon: float) -> Point:
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return lat, lon
    x, y = lon - 105, lat - 35
    both = 2 / 3 * (20 * sin(6 * pi * x) + 20 * sin(2 * pi * x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + both
    north += 2 / 3 * (20 * sin(pi * y) + 40 * sin(pi * y / 3)) + 2 / 3 * (160 * sin(pi * y / 12) + 320 * sin(pi * y / 30))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + both
    east += 2 / 3 * (20 * sin(pi * x) + 40 * sin(pi * x / 3)) + 2 / 3 * (150 * sin(pi * x / 12) + 300 * sin(pi * x / 30))
    m = 1 - E2 * sin(radians(lat)) ** 2
    return lat + 180 * north / (pi * A * (1 - E2) / (m * sqrt(m))), lon + 180 * east / (pi * A * cos(radians(lat)) / sqrt(m))


def bd_of_gcj(lat: float, lon: float) -> Point:
    k = 3000 * pi / 180
    z = hypot(lat, lon) + 0.00002 * sin(k * lat)
    angle = atan2(lat, lon) + 0.000003 * cos(k * lon)
    return z * sin(angle) + 0.006, z * cos(angle) + 0.0065


def inverse(forward: Callable[[float, float], Point], lat: float, lon: float) -> Point:
    """The point whose image is the one given, by as many steps as it takes to stand still at 1e-11 degrees."""
    guess = (lat, lon)
    for _ in range(50):
        image = forward(*guess)
        step = (lat - image[0], lon - image[1])
        guess = (guess[0] + step[0], guess[1] + step[1])
        if max(map(abs, step)) < 1e-11:
            break
    return guess


def cgcs_of_gcj(lat: float, lon: float) -> Point:
    return inverse(gcj_of_cgcs, lat, lon)


def cgcs_of_bd(lat: float, lon: float) -> Point:
    return cgcs_of_gcj(*inverse(bd_of_gcj, lat, lon))
