"""Who may import whom: data flows one way, and what listens never loads what trains."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "models": set(),
    "daemon": {"models"},
    "synth": {"models"},
    "training": {"models", "synth", "daemon"},
}
DAEMON_FOR_TRAINING = {
    "command_table",
    "options",
    "events",
    "files",
    "pipeline",
    "printable",
    "settings",
    "source",
}
MODULES = sorted(
    path.relative_to(CHECKOUT)
    for package in MAY_IMPORT
    for path in (CHECKOUT / package).glob("*.py")
)
TRAINING_ONLY = ("tensorflow", "keras", "scipy", "matplotlib")


def our_imports(source: str) -> Iterator[str]:
    """The packages of ours that a module names, at its top or inside a function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            package = "wakeful." * (node.level == 2) + (node.module or "")
            names = [f"{package}.{alias.name}".replace("..", ".") for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("wakeful."))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from ..models.frontend import x", ["models"]),
        ("from .. import synth", ["synth"]),
        ("def f():\n    import numpy, wakeful.training.fit", ["training"]),
        ("from wakeful.daemon import ring", ["daemon"]),
        ("from wakeful import daemon, models", ["daemon", "models"]),
        ("from .ring import Ring\nimport numpy\nfrom numpy import fft", []),
    ],
)
def test_our_imports_are_seen_in_every_form(source: str, expected: list[str]) -> None:
    """The check below is only as good as what it can see."""
    assert list(our_imports(source)) == expected


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_package_imports_only_what_lies_before_it(module: Path) -> None:
    """`models` knows nobody, `daemon` and `synth` know models, `training` knows all three.

    Training measures what ships, so it runs the daemon's own pipeline rather than one like it.
    """
    found = set(our_imports((CHECKOUT / module).read_text(encoding="utf-8")))
    assert found <= MAY_IMPORT[module.parts[0]]


@pytest.mark.parametrize("module", [m for m in MODULES if m.parts[0] == "training"], ids=str)
def test_training_measures_the_daemon_and_not_its_commands(module: Path) -> None:
    """A pipeline, a file, a printable name: never a command line or what listens for ever."""
    source = (CHECKOUT / module).read_text(encoding="utf-8")
    assert set(re.findall(r"\.\.daemon\.(\w+)", source)) <= DAEMON_FOR_TRAINING


def test_importing_all_of_the_daemon_loads_nothing_that_trains() -> None:
    """Not one module of what runs all day drags in TensorFlow, SciPy or matplotlib."""
    names = [f"wakeful.daemon.{path.stem}" for path in MODULES if path.parts[0] == "daemon"]
    program = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(*sorted(set({TRAINING_ONLY!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
