"""Rooms with walls: where one speaks, where the microphone stands, and what comes back.

The first reflections are images of the source in the walls, the rest is traced as rays, both by
pyroomacoustics. That takes some tenths of a second, so rooms are made once, into a bank.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..models.errors import WakefulError
from .floorplan import (
    SHAPES,
    Outline,
    Shape,
    area_m2,
    clearance_m,
    draw_outline,
    in_sight,
    perimeter_m,
)
from .levels import Sound

SAMPLE_RATE_HZ = 16_000
LONGEST_S = 1.5
_SPEED_OF_SOUND_M_PER_S = 343.0
_BANDS_HZ = (125, 250, 500, 1_000, 2_000, 4_000)
_IMAGE_ORDER = 3
_RAYS = 3_000
_FROM_WALL_M = 0.15
_TRIES = 200
_FADE = 160
_ONE_AT_A_TIME = threading.Lock()


class GeometryError(WakefulError):
    """A room can't be simulated here."""


@dataclass(frozen=True)
class Surfaces:
    """Shares of the energy that a surface keeps, at 1 kHz; `treble` times as much each octave."""

    walls: float
    floor: float
    ceiling: float
    treble: float = 1.0
    scattering: float = 0.2


@dataclass(frozen=True)
class Geometry:
    """A drawn room. The source is a whole number of samples away, so it arrives as one sample."""

    shape: Shape
    outline_m: Outline
    height_m: float
    surfaces: Surfaces
    source_m: tuple[float, float, float]
    microphone_m: tuple[float, float, float]
    seed: int

    @property
    def distance_m(self) -> float:
        """From mouth to microphone."""
        return float(np.linalg.norm(np.subtract(self.source_m, self.microphone_m)))

    @property
    def decay_s(self) -> float:
        """Until reflections at 1 kHz should be 60 dB down, by Eyring's formula."""
        floor = area_m2(self.outline_m)
        walls = perimeter_m(self.outline_m) * self.height_m
        s = self.surfaces
        kept = (walls * s.walls + floor * (s.floor + s.ceiling)) / (walls + 2 * floor)
        return float(0.161 * floor * self.height_m / (-(walls + 2 * floor) * np.log1p(-kept)))

    def response(self) -> Sound:
        """The impulse response at 16 kHz; sample 0 is the direct sound, and 1.

        Raises `GeometryError` where pyroomacoustics isn't installed.
        """
        acoustics = _acoustics()
        # The library's constants and generators are the whole process's.
        with _ONE_AT_A_TIME:
            acoustics.constants.set("rir_hpf_enable", False)
            acoustics.random.seed(self.seed)
            room = self._built(acoustics)
            room.compute_rir()
        delay = acoustics.constants.get("frac_delay_length") // 2
        heard = np.asarray(room.rir[0][0], np.float32)
        direct = delay + round(self.distance_m / _SPEED_OF_SOUND_M_PER_S * SAMPLE_RATE_HZ)
        return trimmed(heard[direct:] / heard[direct])

    def _built(self, acoustics: Any) -> Any:
        s = self.surfaces
        walls, floor, ceiling = (_material(acoustics, a, s) for a in (s.walls, s.floor, s.ceiling))
        room = acoustics.Room.from_corners(
            np.array(self.outline_m).T,
            fs=SAMPLE_RATE_HZ,
            max_order=_IMAGE_ORDER,
            materials=walls,
            ray_tracing=True,
        )
        room.extrude(self.height_m, materials={"floor": floor, "ceiling": ceiling})
        # Rays are caught by a sphere; one that held the source would catch the direct sound again.
        radius_m = min(0.4, 0.5 * self.distance_m)
        room.set_ray_tracing(n_rays=_RAYS, receiver_radius=radius_m, time_thres=LONGEST_S)
        room.add_source(self.source_m)
        room.add_microphone(self.microphone_m)
        return room


def trimmed(response: Sound) -> Sound:
    """Without the end that holds a millionth of the energy, faded out where it is too long."""
    response = response[: int(LONGEST_S * SAMPLE_RATE_HZ)].astype(np.float32)
    left = np.cumsum(response[::-1].astype(np.float64) ** 2)[::-1]
    kept = response[: max(1, int(np.count_nonzero(left > 1e-6 * left[0])))].copy()
    if len(kept) == int(LONGEST_S * SAMPLE_RATE_HZ):
        kept[-_FADE:] *= np.linspace(1.0, 0.0, _FADE, dtype=np.float32)
    return kept


def _material(acoustics: Any, absorption: float, surfaces: Surfaces) -> Any:
    octaves = np.log2(np.array(_BANDS_HZ) / 1_000)
    bands = np.clip(absorption * surfaces.treble**octaves, 0.01, 0.95)
    return acoustics.Material(
        {"coeffs": bands.tolist(), "center_freqs": list(_BANDS_HZ)}, surfaces.scattering
    )


def draw_geometry(rng: np.random.Generator) -> Geometry:
    """From a furnished bedroom to a bare hall; spoken from a hand's breadth to across the room."""
    shape = SHAPES[rng.choice(len(SHAPES), p=(0.5, 0.25, 0.25))]
    outline = draw_outline(shape, rng)
    height_m = round(float(rng.uniform(2.2, 3.5)), 3)
    middle = float(np.exp(rng.uniform(np.log(0.08), np.log(0.5))))
    walls, floor, ceiling = (
        round(float(np.clip(middle * rng.uniform(0.6, 1.6), 0.03, 0.8)), 3) for _ in range(3)
    )
    treble = round(float(rng.uniform(0.95, 1.25)), 3)
    source, microphone = _draw_places(outline, height_m, rng)
    surfaces = Surfaces(walls, floor, ceiling, treble, round(float(rng.uniform(0.1, 0.4)), 3))
    seed = int(rng.integers(2**31))
    return Geometry(shape, outline, height_m, surfaces, source, microphone, seed)


_Place = tuple[float, float, float]


def _draw_places(
    outline: Outline, height_m: float, rng: np.random.Generator
) -> tuple[_Place, _Place]:
    """A mouth and a microphone in sight of each other, neither inside a wall."""
    width, depth = np.max(np.array(outline), axis=0)
    for attempt in range(_TRIES):
        mouth = rng.uniform((0, 0, 0.9), (width, depth, 1.8))
        # Ever nearer, so that a place is found in the smallest room.
        farthest_m = 0.3 + 4.2 * (1 - attempt / _TRIES)
        distance_m = np.exp(rng.uniform(np.log(0.15), np.log(farthest_m)))
        samples = max(1, round(distance_m / _SPEED_OF_SOUND_M_PER_S * SAMPLE_RATE_HZ))
        towards = rng.standard_normal(3) * (1.0, 1.0, 0.4)
        step = towards / np.linalg.norm(towards) * samples / SAMPLE_RATE_HZ
        ear = mouth + step * _SPEED_OF_SOUND_M_PER_S
        floor = np.stack([mouth[:2], ear[:2]])
        free = (clearance_m(outline, floor) >= _FROM_WALL_M).all()
        if free and 0.3 <= ear[2] <= height_m - 0.2 and _seen(outline, mouth, ear):
            return _place(mouth), _place(ear)
    raise AssertionError("no outline that is drawn is too narrow to stand in")


def _seen(outline: Outline, mouth: Any, ear: Any) -> bool:
    return in_sight(outline, (mouth[0], mouth[1]), (ear[0], ear[1]))


def _place(point: Any) -> _Place:
    x, y, z = (float(v) for v in point)
    return x, y, z


def _acoustics() -> Any:
    try:
        import pyroomacoustics
    except ImportError as error:
        raise GeometryError(
            "rooms with walls need pyroomacoustics: pip install 'wakeful[synth]'"
        ) from error
    return pyroomacoustics
