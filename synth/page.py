"""One HTML page that holds all it shows: it loads nothing, and its own policy forbids it to.

Text becomes markup by `tag` alone, which escapes whatever isn't `Markup` already: what somebody
wrote into a manifest is shown, never obeyed.
"""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path

from ..models.errors import WakefulError
from ..models.whole_file import write_whole
from .levels import Samples

_VOID = {"img", "meta"}
_POLICY = (
    "default-src 'none'; img-src data:; media-src data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)

STYLE = """
:root { color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d1f24; --faint: #5c626e; --line: #d9dbe0;
  --blue: #0072b2; --orange: #a85100; --purple: #9c4a7c; --green: #00694e; --grey: #5c626e; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14161a; --card: #1d2026; --ink: #e8e9ec; --faint: #a0a6b1; --line: #363a43;
  --blue: #56b4e9; --orange: #e69f00; --purple: #dd97bf; --green: #2bc59b; --grey: #a0a6b1; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 58rem; padding: 1rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
p { margin: .5rem 0; } .faint { color: var(--faint); }
article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1rem; margin: 1rem 0; }
audio { display: block; width: 100%; margin: .6rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; font-weight: 400; color: var(--faint); width: 40%; }
th, td { padding: .15rem .5rem .15rem 0; vertical-align: top; border-top: 1px solid var(--line); }
caption { text-align: left; font-weight: 600; padding: .6rem 0 .2rem; }
summary { cursor: pointer; padding: .3rem 0; }
"""


class PageError(WakefulError):
    """A page can't be written where it was asked for."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str) -> Markup:
    """An element; of an attribute ``data_at`` is ``data-at``, ``class_`` is ``class``."""
    pairs = (
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for key, value in attributes.items()
    )
    opening = f"<{name}{''.join(pairs)}>"
    return Markup(opening if name in _VOID else f"{opening}{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Elements and texts one after the other, the texts escaped."""
    return Markup("".join(c if isinstance(c, Markup) else html.escape(c) for c in children))


def data_uri(content: bytes, kind: str) -> str:
    """Bytes of a media type as an address that holds them."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def player(samples: Samples, rate_hz: int = 16_000) -> Markup:
    """An audio element that holds int16 samples without loss, as FLAC."""
    import soundfile

    held = io.BytesIO()
    soundfile.write(held, samples, rate_hz, format="FLAC", subtype="PCM_16")
    source = data_uri(held.getvalue(), "audio/flac")
    return tag("audio", controls="", preload="metadata", src=source)


def table(caption: str, rows: list[tuple[str, str]]) -> Markup:
    """Names to the left, values to the right."""
    lines = (tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in rows)
    return tag("table", tag("caption", caption), tag("tbody", *lines))


def page(title: str, *body: Markup, style: str = "", script: str = "") -> str:
    """A whole document, readable on a phone, light or dark as its reader has it."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        tag("style", Markup(STYLE + style)),
    )
    ending = [tag("script", Markup(script))] if script else []
    return "<!doctype html>\n" + tag("html", head, tag("body", *body, *ending), lang="en") + "\n"


def write_page(path: Path, text: str) -> None:
    """Beside its place, then renamed; raises `PageError`. What no encoding holds becomes ``?``."""
    try:
        write_whole(path, text.encode(errors="replace"))
    except OSError as error:
        reason = error.strerror or error
        raise PageError(f"{path}: can't be written ({reason}); name another file") from error
