"""What the documents point to is there."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path.relative_to(CHECKOUT)
    for path in (*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").glob("*.md"))
)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
MAKE = re.compile(r"^\s*make ([a-z]+)|`make ([a-z]+)", re.MULTILINE)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)


def anchors_of(text: str) -> set[str]:
    """The names by which a document's headings are linked to."""
    words = (re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in words}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    """A link to a file or a heading of ours is to one that exists."""
    for target, anchor in LINK.findall((CHECKOUT / document).read_text(encoding="utf-8")):
        path = (CHECKOUT / document).parent / target if target else CHECKOUT / document
        assert path.exists(), f"{document} links to {target}"
        assert not anchor or anchor in anchors_of(path.read_text(encoding="utf-8")), anchor


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_make_command_is_a_target(document: Path) -> None:
    """Nobody is told to type a make command that isn't."""
    targets = set(TARGET.findall((CHECKOUT / "Makefile").read_text(encoding="utf-8")))
    text = (CHECKOUT / document).read_text(encoding="utf-8")
    told = {name for pair in MAKE.findall(text) for name in pair if name}
    assert told <= targets


def test_the_readme_tells_both_commands() -> None:
    """The patterns above see what there is to see."""
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert {name for pair in MAKE.findall(text) for name in pair if name} >= {"run", "test"}
    assert {target for target, _ in LINK.findall(text)} >= {"LICENSE", "docs/install.md"}
