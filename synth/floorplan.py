"""Floors seen from above: their outlines, what lies inside, and who sees whom."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Shape = Literal["box", "corner", "skew"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
Point = tuple[float, float]
Outline = tuple[Point, ...]
"""Corners in metres, anticlockwise."""

_STEP_M = 0.05


def draw_outline(shape: Shape, rng: np.random.Generator) -> Outline:
    """A rectangle, a rectangle that lacks a corner, or four walls of which no two are parallel."""
    width, depth = (float(rng.uniform(2.2, 8.0)) for _ in range(2))
    if shape == "box":
        return _rounded([(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)])
    if shape == "corner":
        x, y = width * float(rng.uniform(0.4, 0.7)), depth * float(rng.uniform(0.4, 0.7))
        return _rounded([(0, 0), (width, 0), (width, y), (x, y), (x, depth), (0, depth)])
    a, b, c, d = (float(v) for v in rng.uniform(0.04, 0.2, 4))
    return _rounded(
        [(0.0, 0.0), (width, depth * a), (width * (1 - b), depth * (1 - c)), (width * d, depth)]
    )


def _rounded(corners: list[Point]) -> Outline:
    return tuple((round(x, 3), round(y, 3)) for x, y in corners)


def area_m2(outline: Outline) -> float:
    """What the walls enclose; negative were the corners clockwise."""
    (x, y), (next_x, next_y) = (np.array(o).T for o in (outline, outline[1:] + outline[:1]))
    return float(np.sum(x * next_y - next_x * y)) / 2


def perimeter_m(outline: Outline) -> float:
    """All walls, one after the other."""
    corners = np.array(outline)
    return float(np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1).sum())


def clearance_m(outline: Outline, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far each of the points [n, 2] is from the nearest wall; below 0 outside."""
    start = np.array(outline)
    end = np.roll(start, -1, axis=0)
    along = end - start
    away = points[:, None] - start
    share = np.clip((away * along).sum(-1) / (along * along).sum(-1), 0.0, 1.0)
    distance = np.linalg.norm(away - share[..., None] * along, axis=-1).min(axis=1)
    # A ray to the right of an inner point crosses walls an odd number of times. Heights are
    # compared as they are, so that two walls agree on which side of their corner the ray passes.
    height = points[:, None, 1]
    crosses = (height >= start[:, 1]) != (height >= end[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        to_the_right = away[..., 0] < along[..., 0] * away[..., 1] / along[..., 1]
    inside = (crosses & to_the_right).sum(axis=1) % 2 == 1
    signed: npt.NDArray[np.float64] = np.where(inside, distance, -distance)
    return signed


def in_sight(outline: Outline, one: Point, other: Point) -> bool:
    """Whether no wall stands between two points."""
    a, b = np.array(one), np.array(other)
    steps = max(2, int(np.linalg.norm(b - a) / _STEP_M) + 1)
    line = a + np.linspace(0.0, 1.0, steps)[:, None] * (b - a)
    return bool((clearance_m(outline, line) > 0).all())
