"""A sound on a page: pictures of it on one axis of time, a line that moves along, and a player.

Every report shows its sounds by this piece; a page that has some needs `STYLE` and `SCRIPT`.
"""

from __future__ import annotations

from .page import Markup, tag

STYLE = """
.plot { position: relative; border: 1px solid var(--line); cursor: pointer; }
.wave { height: 4.5rem; color: var(--faint); } .wave path { fill: currentColor; }
.mel { height: 9rem; } .mel image { image-rendering: pixelated; }
.end, .halo { stroke: #d55e00; stroke-width: 2; vector-effect: non-scaling-stroke; }
.halo { stroke: #fff; stroke-width: 5; }
.strip { position: relative; border-bottom: 1px solid var(--line); }
.strip .what { position: absolute; top: .2rem; left: .3rem; font-size: .75rem; padding: 0 .35rem;
  background: var(--card); border-radius: .3rem; opacity: .88; pointer-events: none; }
.cursor { position: absolute; top: 0; bottom: 0; left: 0; width: 2px; background: #fff;
  outline: 1px solid #000; display: none; pointer-events: none; }
.axis { position: relative; height: 1.4rem; font-size: .8rem; color: var(--faint);
  overflow: hidden; }
.axis span { position: absolute; padding-left: .2rem; border-left: 1px solid var(--line);
  white-space: nowrap; }
"""

SCRIPT = """
for (const sound of document.querySelectorAll('.timeline')) {
  const audio = sound.querySelector('audio'), plot = sound.querySelector('.plot');
  const cursor = sound.querySelector('.cursor');
  const draw = () => {
    cursor.style.display = 'block';
    cursor.style.left = 100 * audio.currentTime / audio.duration + '%';
    if (!audio.paused) requestAnimationFrame(draw);
  };
  audio.addEventListener('play', draw);
  audio.addEventListener('seeked', draw);
  plot.addEventListener('click', event => {
    const box = plot.getBoundingClientRect();
    audio.currentTime = audio.duration * (event.clientX - box.left) / box.width;
    audio.play();
  });
}
document.addEventListener('play', event => {
  for (const other of document.querySelectorAll('audio'))
    if (other !== event.target) other.pause();
}, true);
"""

_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
_MOST_TICKS = 6
_LAST_TICK = 0.87
"""Of the length: what is told farther right would lie beyond the edge of a phone."""


def timeline(*pictures: Markup, length_s: float, heard: Markup) -> Markup:
    """Pictures one above the other, seconds below them, and what plays it.

    `heard` is the one player of the very sound that is drawn. A click on the pictures plays from
    there.
    """
    plot = tag("div", *pictures, tag("div", class_="cursor"), class_="plot")
    return tag("div", plot, _axis(length_s), heard, class_="timeline")


def strip(said: str, picture: Markup) -> Markup:
    """One of several pictures, with a word on what it shows."""
    return tag("div", picture, tag("span", said, class_="what"), class_="strip")


def ticks_s(length_s: float) -> list[float]:
    """Round seconds from 0 on, at most seven."""
    step_s = next((s for s in _STEPS_S if length_s / s <= _MOST_TICKS), 60 * _longer(length_s))
    every = (round(n * step_s, 1) for n in range(int(length_s / step_s) + 1))
    return [at_s for at_s in every if at_s < length_s * _LAST_TICK] or [0.0]


def _longer(length_s: float) -> int:
    """Whole minutes of a step, for what is longer than six of them."""
    return -int(-length_s // (60 * _MOST_TICKS))


def _axis(length_s: float) -> Markup:
    ticks = (
        tag("span", f"{at_s:g} s", style=f"left:{100 * at_s / max(length_s, 1e-9):.2f}%")
        for at_s in ticks_s(length_s)
    )
    return tag("div", *ticks, class_="axis", aria_hidden="true")
