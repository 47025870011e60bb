"""The JSON Schema of everything that goes over the sockets, from the structs themselves.

``python -m wakeful.daemon.schema > docs/events.schema.json`` writes it anew.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from .events import SCHEMA as EVENT_SCHEMA
from .events import AnyEvent
from .requests import SCHEMA as REQUEST_SCHEMA
from .requests import AnyReply, AnyRequest


def schema() -> dict[str, Any]:
    """``#/$defs/Event``, ``Request`` and ``Reply``, and each kind of them by its name."""
    roots = {"Event": AnyEvent, "Request": AnyRequest, "Reply": AnyReply}
    found, kinds = msgspec.json.schema_components(
        list(roots.values()), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wakeful: events, requests and replies",
        "description": f"Event schema {EVENT_SCHEMA}, request schema {REQUEST_SCHEMA}.",
        "$ref": "#/$defs/Event",
        "$defs": dict(zip(roots, found, strict=True)) | dict(sorted(kinds.items())),
    }


def text() -> str:
    """The file's content."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
