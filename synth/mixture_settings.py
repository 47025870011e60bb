"""What mixtures are drawn from: how often each thing happens, and between which bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .device import DeviceShares

Kind = Literal["word", "hard", "part", "speech", "noise"]


@dataclass(frozen=True)
class MixtureSettings:
    """What is drawn how often. `shares` are relative.

    Crowds, televisions and devices are off by default, and what is drawn without them is the same
    as before there were any; `HOUSEHOLD` has them.
    """

    length: int = 40_320
    shares: tuple[tuple[Kind, float], ...] = (
        ("word", 0.25),
        ("hard", 0.10),
        ("part", 0.06),
        ("speech", 0.53),
        ("noise", 0.06),
    )
    speech_before_share: float = 0.5
    speech_after_share: float = 0.5
    level_jump_share: float = 0.3
    room_share: float = 0.5
    equaliser_share: float = 0.6
    backdrop_share: float = 0.75
    babble_share: float = 0.15
    snr_db: tuple[float, float] = (0.0, 35.0)
    babble_snr_db: tuple[float, float] = (3.0, 25.0)
    active_level_dbfs: tuple[float, float] = (-48.0, -12.0)
    overdriven_share: float = 0.06
    speed: tuple[float, float] = (0.88, 1.14)
    banked_share: float = 0.6
    """Of the rooms, where the palette has a bank of them; the others are cheap ones."""
    crowd_share: float = 0.0
    television_share: float = 0.0
    device_share: float = 0.0
    devices: DeviceShares = field(default_factory=DeviceShares)


HOUSEHOLD = MixtureSettings(crowd_share=0.06, television_share=0.08, device_share=0.2)
"""All there is, in shares that leave mixing several hundred times as fast as real time."""
