"""One HTML page that holds all it shows: it loads nothing, and its own policy forbids it to.

Text becomes markup by `tag` alone, which escapes whatever isn't `Markup` already: what somebody
wrote into a manifest is shown, never obeyed.
"""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Iterable, Sequence
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
  --blue: #0072b2; --orange: #a85100; --purple: #9c4a7c; --green: #00694e; --grey: #5c626e;
  --yellow: #857100; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14161a; --card: #1d2026; --ink: #e8e9ec; --faint: #a0a6b1; --line: #363a43;
  --blue: #56b4e9; --orange: #e69f00; --purple: #dd97bf; --green: #2bc59b; --grey: #a0a6b1;
  --yellow: #f0e442; } }
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
summary { cursor: pointer; padding: .3rem 0; } svg { display: block; width: 100%; }
section { margin-top: 1.6rem; }
nav { display: flex; flex-wrap: wrap; gap: .2rem .9rem; font-size: .9rem; margin: .8rem 0; }
nav a { color: var(--blue); }
.columns { font-variant-numeric: tabular-nums; } .columns th { width: auto; }
.columns th, .columns td { padding-right: .8rem; } .columns [scope=col] { overflow-wrap: normal; }
.wide { overflow-x: auto; } .wide th, .wide td { white-space: nowrap; }
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


def columns(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, wide: bool = False
) -> Markup:
    """A table with a heading over each column; the first cell of a row names it.

    A `wide` one breaks no line, and scrolls sideways where there is no room.
    """
    titles = tag("tr", *(tag("th", name, scope="col") for name in head))
    lines = (
        tag("tr", tag("th", name, scope="row"), *(tag("td", cell) for cell in cells))
        for name, *cells in rows
    )
    above = [tag("caption", caption)] if caption else []
    made = tag("table", *above, tag("thead", titles), tag("tbody", *lines), class_="columns")
    return tag("div", made, class_="wide") if wide else made


def section(anchor: str, title: str, said: str, *parts: Markup) -> Markup:
    """A part of a page under a heading; `said` is a line on how to read it, or empty.

    The page's addresses lead to it by its `anchor`.
    """
    line = [tag("p", said, class_="faint")] if said else []
    return tag("section", tag("h2", title), *line, *parts, id=anchor)


def contents(parts: Iterable[str]) -> Markup:
    """A way to each `section` among them, by its heading up to a colon."""
    found = (re.match(r'<section id="([^"]*)"><h2>(.*?)</h2>', part) for part in parts)
    links = (tag("a", Markup(m[2].partition(":")[0]), href=f"#{m[1]}") for m in found if m)
    return tag("nav", *links, aria_label="contents")


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
