"""A real Chromium without a window, spoken to over its pipe: pages are opened, clicked and seen.

No driver and no package: the browser reads requests on its descriptor 3 and answers on 4.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
needs_chromium = pytest.mark.skipif(not PROGRAM, reason="needs Chromium (Debian: chromium)")
_PATIENCE_S = 60


class Browser:
    """A context: Chromium with a profile of its own, gone afterwards."""

    def __enter__(self) -> "Browser":
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self._requests = os.pipe()
        self._answers, to_write = os.pipe()
        command = ["bash", "-c", f'exec 3<&{to_read} 4>&{to_write}; exec "$@"', "bash", PROGRAM]
        command += ["--headless", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu"]
        command += ["--autoplay-policy=no-user-gesture-required", "--no-first-run"]
        command += ["--disable-dev-shm-usage", "--mute-audio", "--disable-background-networking"]
        command += [f"--user-data-dir={self._home.name}", "about:blank"]
        # Chromium keeps files beside its profile too, where HOME says.
        environment = os.environ | {"HOME": self._home.name}
        self._process = subprocess.Popen(
            command,
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        os.close(to_read)
        os.close(to_write)
        self._number, self._held = 0, b""
        self._waiting: list[dict[str, Any]] = []
        return self

    def __exit__(self, *reason: object) -> None:
        os.close(self._requests)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._answers)
        self._home.cleanup()

    def ask(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        """Send a request of the DevTools protocol and wait for its answer."""
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters}
        request |= {"sessionId": session} if session else {}
        os.write(self._requests, json.dumps(request).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == self._number:
                assert "error" not in message, message
                found: dict[str, Any] = message["result"]
                return found
            self._waiting.append(message)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._held:
            piece = os.read(self._answers, 1 << 16)
            assert piece, "Chromium has ended"
            self._held += piece
        message, _, self._held = self._held.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def events(self) -> list[dict[str, Any]]:
        """What it told by itself up to now."""
        return self._waiting


class Page:
    """One page in a browser, of a size, in light or dark."""

    def __init__(
        self,
        browser: Browser,
        path: Path,
        width: int = 1000,
        height: int = 900,
        scheme: str = "light",
    ) -> None:
        self._browser = browser
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Runtime", "Page", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.size(width, height)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        features.append({"name": "prefers-reduced-motion", "value": "reduce"})
        self.ask("Emulation.setEmulatedMedia", features=features)
        self.ask("Page.navigate", url=path.resolve().as_uri())
        self.wait("document.readyState === 'complete'")

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """A request for this page."""
        return self._browser.ask(method, self._session, **parameters)

    def size(self, width: int, height: int) -> None:
        """As of a screen so large."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def run(self, script: str) -> Any:
        """The value of an expression; a promise is waited for."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str) -> None:
        """Until an expression is true."""
        until = time.monotonic() + _PATIENCE_S
        while not self.run(script):
            assert time.monotonic() < until, f"never: {script}"
            time.sleep(0.05)

    def mouse(self, kind: str, x: float, y: float) -> None:
        """``mousePressed``, ``mouseMoved`` or ``mouseReleased`` at a place of the window."""
        buttons = {"button": "left", "buttons": int(kind != "mouseReleased"), "clickCount": 1}
        if kind == "mouseMoved":
            buttons["clickCount"] = 0
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, **buttons)

    def picture(self, path: Path | None = None, *, whole: bool = False) -> bytes:
        """A PNG of what is seen, or of the whole page."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        content = base64.b64decode(shot["data"])
        if path:
            path.write_bytes(content)
        return content

    def complaints(self) -> list[str]:
        """Errors and warnings on its console, what it threw, and what it tried to load."""
        found = []
        for event in self._browser.events():
            if event.get("sessionId") != self._session:
                continue
            method, told = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                found.append(str(told["exceptionDetails"]))
            elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
                found.append(str(told["args"]))
            elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
                found.append(told["entry"]["text"])
            elif method == "Network.requestWillBeSent":
                url = told["request"]["url"]
                if not url.startswith(("file:", "data:", "about:", "blob:")):
                    found.append(f"loads {url}")
        return found
