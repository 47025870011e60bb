"""How a preview looks and moves: colours by kind, marks over the pictures, a line that plays."""

from __future__ import annotations

from .page import Markup, tag

STYLE = """
.kind { border: 2px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .95rem; }
.word { color: var(--blue); } .hard { color: var(--orange); } .part { color: var(--purple); }
.speech { color: var(--green); } .noise { color: var(--grey); }
.plot { position: relative; border: 1px solid var(--line); cursor: pointer; }
svg { display: block; width: 100%; } .wave { height: 4.5rem; color: var(--faint); }
.wave path { fill: currentColor; } .mel { height: 9rem; } .mel image { image-rendering: pixelated; }
.labelled { fill: #56b4e9; fill-opacity: .4; stroke: #fff; stroke-width: 1;
  vector-effect: non-scaling-stroke; }
.masked { fill: #b9bcc4; fill-opacity: .4; stroke: #fff; stroke-width: 1; stroke-dasharray: 3 3;
  vector-effect: non-scaling-stroke; }
.end, .halo { stroke: #d55e00; stroke-width: 2; vector-effect: non-scaling-stroke; }
.halo { stroke: #fff; stroke-width: 5; }
.cursor { position: absolute; top: 0; bottom: 0; left: 0; width: 2px; background: #fff;
  outline: 1px solid #000; display: none; pointer-events: none; }
.axis { position: relative; height: 1.4rem; font-size: .8rem; color: var(--faint); }
.axis span { position: absolute; padding-left: .2rem; border-left: 1px solid var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; margin: .8rem 0;
  list-style: none; font-size: .9rem; }
.legend svg { display: inline-block; width: 1.6rem; height: 1rem; margin-right: .4rem;
  vertical-align: -.15rem; background: #2c728e; }
"""

SCRIPT = """
for (const card of document.querySelectorAll('article')) {
  const audio = card.querySelector('audio'), plot = card.querySelector('.plot');
  const cursor = card.querySelector('.cursor');
  const draw = () => {
    cursor.style.display = 'block';
    cursor.style.left = 100 * audio.currentTime / audio.duration + '%';
    if (!audio.paused) requestAnimationFrame(draw);
  };
  audio.addEventListener('play', () => {
    for (const other of document.querySelectorAll('audio')) if (other !== audio) other.pause();
    draw();
  });
  audio.addEventListener('seeked', draw);
  plot.addEventListener('click', event => {
    const box = plot.getBoundingClientRect();
    audio.currentTime = audio.duration * (event.clientX - box.left) / box.width;
    audio.play();
  });
}
"""

_MARKS = (
    ("labelled", "label 1: the network is to say “word”"),
    ("masked", "masked: it may say what it likes"),
)


def legend() -> Markup:
    """What the marks over the pictures mean."""
    items = [
        tag("li", _swatch(tag("rect", class_=name, width="20", height="10")), said)
        for name, said in _MARKS
    ]
    line = {"x1": "10", "x2": "10", "y1": "0", "y2": "10"}
    ends = _swatch(*(tag("line", class_=name, **line) for name in ("halo", "end")))
    items.append(tag("li", ends, "the word's end"))
    return tag("ul", *items, class_="legend")


def _swatch(*drawn: Markup) -> Markup:
    return tag("svg", *drawn, viewBox="0 0 20 10", preserveAspectRatio="none", aria_hidden="true")
