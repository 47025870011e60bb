"""A folder of CURVE keys: who the daemon is, who may connect to it, and who we are elsewhere.

``NAME.secret``, for its owner's eyes alone, and ``NAME.public`` are a pair that was made here:
``daemon`` is the daemon's own, ``client`` the one with which our commands go to a daemon elsewhere.
``allowed/NAME.public`` is somebody who may connect. Each file holds one key, in the 40 characters
that ZeroMQ writes keys in.
"""

from __future__ import annotations

import re
import stat
import struct
from pathlib import Path

from ..models.errors import UsageError, WakefulError
from .own_file import write_own
from .printable import printable
from .settings import BusSettings

DAEMON, CLIENT = "daemon", "client"
ZAP_DOMAIN = b"wakeful"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class KeysError(WakefulError):
    """A key is missing, is none, or can be read by others; the line says which file."""


class KeyNameError(UsageError):
    """A name that can't be a file's."""


def key_folder(settings: BusSettings) -> KeyFolder | None:
    """The folder that the configuration names, if it names one."""
    return KeyFolder(Path(settings.keys).expanduser()) if settings.keys else None


class KeyFolder:
    """Keys in a folder, which need not exist yet. All methods raise `KeysError`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.allowed_folder = folder / "allowed"

    def make(self, name: str, replace: bool = False) -> str:
        """A new pair of this name; returns its public key."""
        secret_path = self._path(name, "secret")
        if secret_path.exists() and not replace:
            raise KeysError(
                f"{secret_path}: is there already; with --replace a new one is made, and everybody "
                "who was told the old one has to be told again"
            )
        public, secret = _drawn()
        _write(secret_path, secret, 0o600)
        _write(self._path(name, "public"), public, 0o644)
        return public

    def public(self, name: str) -> str:
        """The public key of this name: our own, or the daemon's that was trusted."""
        return _read(self._path(name, "public"))

    def secret(self, name: str) -> str:
        """The private one; refused if anybody else may read it."""
        path = self._path(name, "secret")
        secret = _read(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeysError(f"{path}: others may read this private key; chmod 600 it")
        return secret

    def trust(self, public: str) -> Path:
        """Keep the public key of a daemon elsewhere, which it must prove to be its own."""
        path = self._path(DAEMON, "public")
        if self._path(DAEMON, "secret").exists():
            raise KeysError(f"{path}: is that of a daemon here; name another --folder")
        _write(path, checked(public), 0o644)
        return path

    def allow(self, name: str, public: str) -> Path:
        """Let somebody connect from now on."""
        path = self._allowed(name)
        _write(path, checked(public), 0o644)
        return path

    def revoke(self, name: str) -> Path:
        """Let them connect no more; a running daemon hangs up on them at once."""
        path = self._allowed(name)
        try:
            path.unlink()
        except FileNotFoundError as error:
            names = ", ".join(sorted(self.allowed().values())) or "nobody"
            raise KeysError(f"{path}: is not there; allowed are: {names}") from error
        except OSError as error:
            raise KeysError(f"{path}: {error.strerror}") from error
        return path

    def allowed(self) -> dict[str, str]:
        """Everybody who may connect: key -> name. What is no key lets nobody in."""
        found = {}
        for path in sorted(self.allowed_folder.glob("*.public")):
            try:
                found[_read(path)] = path.stem
            except KeysError:
                continue
        return found

    def own(self) -> dict[str, str]:
        """The pairs that were made here: name -> public key."""
        return {path.stem: self.public(path.stem) for path in sorted(self.folder.glob("*.secret"))}

    def daemon_options(self) -> dict[int, int | bytes]:
        """What makes a socket take only those who know the daemon's key and are allowed."""
        import zmq

        secret = self.secret(DAEMON).encode()
        return {zmq.CURVE_SERVER: 1, zmq.CURVE_SECRETKEY: secret, zmq.ZAP_DOMAIN: ZAP_DOMAIN}

    def client_options(self) -> dict[int, int | bytes]:
        """What makes a socket talk to that daemon alone, as the one we are."""
        import zmq

        return {
            zmq.CURVE_SERVERKEY: self.public(DAEMON).encode(),
            zmq.CURVE_PUBLICKEY: self.public(CLIENT).encode(),
            zmq.CURVE_SECRETKEY: self.secret(CLIENT).encode(),
        }

    def _path(self, name: str, kind: str) -> Path:
        return self.folder / f"{_checked_name(name)}.{kind}"

    def _allowed(self, name: str) -> Path:
        return self.allowed_folder / f"{_checked_name(name)}.public"


def checked(key: str) -> str:
    """A key as it was typed or read, without the white space around it."""
    from zmq.utils import z85

    try:
        if len(z85.decode(key.strip())) == 32:
            return key.strip()
    except (KeyError, ValueError, struct.error):
        pass
    raise KeysError(f"{printable(key.strip())[:50]!r} is no key, which has 40 characters")


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise KeyNameError(f"{printable(name)!r} can't name a key: take letters, digits and  . _ -")
    return name


def _drawn() -> tuple[str, str]:
    """A pair whose public key begins with a letter or digit: a command line takes - for a flag."""
    import zmq

    if not zmq.has("curve"):
        raise KeysError("this ZeroMQ was built without CURVE: pip install --force-reinstall pyzmq")
    while True:
        public, secret = zmq.curve_keypair()
        if public[:1].isalnum():
            return public.decode(), secret.decode()


def _read(path: Path) -> str:
    try:
        return checked(path.read_text(encoding="ascii"))
    except FileNotFoundError as error:
        advice = f"make it: wakeful keys new {path.stem} --folder {path.parent}"
        if path.stem == DAEMON and path.suffix == ".public":
            advice = "if the daemon is elsewhere: wakeful keys trust ITS-KEY"
        raise KeysError(f"{path}: is not there; {advice}") from error
    except OSError as error:
        raise KeysError(f"{path}: {error.strerror}") from error
    except (KeysError, UnicodeDecodeError) as error:
        raise KeysError(f"{path}: holds no key, which has 40 characters") from error


def _write(path: Path, key: str, mode: int) -> None:
    try:
        write_own(path, key.encode() + b"\n", mode)
    except OSError as error:
        raise KeysError(f"{path}: can't be written: {error.strerror}") from error
