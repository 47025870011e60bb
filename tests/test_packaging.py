"""What is built and installed: exactly the four packages, and what each machine needs for them."""

import importlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CHECKOUT = Path(__file__).parents[1]
PACKAGES = ("daemon", "models", "synth", "training")
SHIPPED = ("*.py", "*.toml", "py.typed", "pretrained/*")
UNITS = ("*.service", "*.conf", "user/*.service")
NOT_SOURCES = shutil.ignore_patterns(
    ".git",
    ".venv*",
    ".*_cache",
    ".hypothesis",
    "__pycache__",
    "*.egg-info",
    "build",
    "dist",
    "work",
)
HEAVY = {"numpy", "scipy", "matplotlib", "tensorflow", "keras", "ai_edge_litert", "sounddevice"}
MACHINES = ("x86_64", "aarch64", "armv7l")


def shipped_files() -> dict[str, Path]:
    """Every file that a user gets: its name in the wheel, and where it lies in the checkout."""
    return {
        f"wakeful/{path.relative_to(CHECKOUT).as_posix()}": path
        for package, patterns in [*((p, SHIPPED) for p in PACKAGES), ("systemd", UNITS)]
        for pattern in patterns
        for path in (CHECKOUT / package).glob(pattern)
    }


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel that was built from it, as `make test` builds them."""
    source = tmp_path_factory.mktemp("source") / "checkout"
    shutil.copytree(CHECKOUT, source, ignore=NOT_SOURCES)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(source / "dist")]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return source / "dist"


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Iterator[zipfile.ZipFile]:
    """The one wheel, open for reading."""
    (path,) = dist.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    """The wheel's own description: name, licence, what it requires."""
    (path,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return HeaderParser().parsestr(wheel.read(path).decode())


def required_names(metadata: Message, extra: str = "", machine: str = "x86_64") -> set[str]:
    """What pip would fetch for one extra (or none) on one kind of machine, by name."""
    environment = {"extra": extra, "platform_machine": machine}
    requirements = map(Requirement, metadata.get_all("Requires-Dist", []))
    return {
        requirement.name
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate(environment)
    }


def test_the_wheel_holds_the_packages_the_units_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """No tests, no root package, no stray file: just what is listed, byte for byte."""
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = shipped_files()
    assert names == set(expected)
    assert all(wheel.read(name) == path.read_bytes() for name, path in expected.items())


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_flat_and_typed(package: str) -> None:
    """A sub-package would import from a checkout and be missing from the wheel."""
    folders = {path.name for path in (CHECKOUT / package).iterdir() if path.is_dir()}
    assert folders <= {"__pycache__", "pretrained"}
    assert (CHECKOUT / package / "py.typed").is_file()


def test_the_root_is_no_package() -> None:
    """In a checkout named wakeful, pytest would import such a root in place of the wheel."""
    assert not (CHECKOUT / "__init__.py").exists()


def test_the_wheel_brings_its_licence_and_its_command(wheel: zipfile.ZipFile) -> None:
    """Whoever has only the wheel has the licence's text, and a `wakeful` to type."""
    texts = {name.partition(".dist-info/")[2]: name for name in wheel.namelist()}
    assert b"Apache License" in wheel.read(texts["licenses/LICENSE"])
    assert b"wakeful = wakeful.daemon.cli:main" in wheel.read(texts["entry_points.txt"])


@pytest.mark.parametrize("folder", [*PACKAGES, ".ci", "docs", "systemd", "tests"])
def test_the_sdist_holds_every_source_file(dist: Path, folder: str) -> None:
    """From the sdist alone one can build, test and install the service."""
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    sources = {
        file.relative_to(CHECKOUT).as_posix()
        for file in (CHECKOUT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert sources <= names
    assert {"LICENSE", "Makefile", "README.md", "CHANGELOG.md", "pyproject.toml"} <= names


def test_listening_needs_no_training_packages(metadata: Message) -> None:
    """`pip install .` brings neither TensorFlow nor SciPy nor matplotlib."""
    for machine in MACHINES:
        assert not required_names(metadata, machine=machine) & (HEAVY | {"tensorflow-cpu"}) - {
            "numpy",
            "sounddevice",
        }


@pytest.mark.parametrize("machine", MACHINES)
def test_every_machine_gets_one_runtime_and_one_numpy(metadata: Message, machine: str) -> None:
    """32-bit ARM has no ai-edge-litert: there, and only there, it is tflite-runtime."""
    runtimes = required_names(metadata, machine=machine) & {"ai-edge-litert", "tflite-runtime"}
    assert runtimes == {"tflite-runtime" if machine == "armv7l" else "ai-edge-litert"}
    assert "numpy" in required_names(metadata, machine=machine)


@pytest.mark.parametrize("machine", MACHINES)
def test_training_gets_one_tensorflow(metadata: Message, machine: str) -> None:
    """The two distributions of TensorFlow overwrite each other's files."""
    found = required_names(metadata, "train", machine) & {"tensorflow", "tensorflow-cpu"}
    assert len(found) == 1


def test_every_extra_asks_for_something(metadata: Message) -> None:
    """A mistyped section of setup.cfg would leave an extra empty, and pip would only warn."""
    extras = set(metadata.get_all("Provides-Extra", []))
    assert {"plot", "train", "synth", "bench", "test"} <= extras
    plain = required_names(metadata)
    assert all(required_names(metadata, extra) > plain for extra in extras)


def installed_from_elsewhere() -> bool:
    """Whether what is imported are the checkout's own files (`pip install -e`)."""
    url = importlib.metadata.distribution("wakeful").read_text("direct_url.json")
    return bool(url and json.loads(url).get("dir_info", {}).get("editable"))


@pytest.mark.skipif(
    installed_from_elsewhere() and "CI" not in os.environ,
    reason="an editable install: `make test` checks the installed wheel",
)
def test_what_is_tested_is_the_installed_wheel() -> None:
    """Tests import site-packages, never the checkout, and what is there is the checkout's code."""
    site_packages = Path(sysconfig.get_path("purelib"))
    for package in PACKAGES:
        module = importlib.import_module(f"wakeful.{package}")
        assert module.__file__ == str(site_packages / "wakeful" / package / "__init__.py")
    for name, path in shipped_files().items():
        assert (site_packages / name).read_bytes() == path.read_bytes(), name


def imported_by(*command: str) -> set[str]:
    """The top-level names of all modules that a run of the installed command imports."""
    script = Path(sysconfig.get_path("scripts")) / "wakeful"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(script), *command],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["listen", "--help"]])
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    """Help is there at once: no numpy, no runtime, no PortAudio, let alone TensorFlow."""
    imported = imported_by(*command)
    assert {"wakeful", "click"} <= imported
    assert not imported & HEAVY
