"""A page taken apart by the standard library's parser, strictly, for the tests that look at one."""

import base64
from html.parser import HTMLParser

VOID = {"img", "meta"}


class Parsed(HTMLParser):
    """A document's elements and text; fails on an end that closes nothing or something else."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(document)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.found.append((name, dict(attributes)))
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        """It must close what was opened last."""
        assert self.open.pop() == name

    def handle_data(self, text: str) -> None:
        """Everything between."""
        self.text += text

    def all(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a name."""
        return [attributes for found, attributes in self.found if found == name]


def decoded(address: str) -> bytes:
    """What a data: address holds."""
    return base64.b64decode(address.partition(";base64,")[2], validate=True)
