"""The microphone that isn't there when the daemon starts."""

from __future__ import annotations

import time

from .devices import DeviceError
from .source import Samples


class Absent:
    """A source that is lost from its first sample on: the loop looks for it, and is not ready."""

    lost_samples = 0

    def __init__(self, device: str, error: DeviceError) -> None:
        self.name, self.opened_at = f"mic:{device or 'default'}", time.time()
        self._error = error

    def read(self, max_samples: int) -> Samples:
        """Raises the `DeviceError` that opening it gave."""
        raise self._error

    def close(self) -> None:
        """Nothing is open."""
