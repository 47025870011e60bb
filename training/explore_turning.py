"""All recordings as points in space: turned with a finger or the arrow keys, named, and heard.

A canvas and a script of our own: it draws three thousand points in a few milliseconds, and the
page stays small and loads nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..synth.page import Markup, tag

_HOW = "Drag to turn, + and − to come nearer, click a point to hear it."
MARKS = 4
COLOURS = 8
"""So many colours that everybody can tell apart; labels beyond them take the next mark."""


@dataclass(frozen=True)
class Point:
    """A recording in space; `label` is the number of its label."""

    name: str
    label: int
    place: tuple[float, float, float]
    odd: float


def turning(
    points: Sequence[Point],
    labels: Sequence[str],
    sounds: Mapping[int, str],
    cards: Mapping[int, str],
    shares: Sequence[float],
) -> Markup:
    """The plot. By a point's number: its sound as a data address, or the card that holds it."""
    widest = max((abs(v) for p in points for v in p.place), default=1.0) or 1.0
    data = {
        "places": [round(v / widest, 3) for p in points for v in p.place],
        "labels": [p.label for p in points],
        "names": [p.name for p in points],
        "odd": [round(p.odd, 2) for p in points],
        "kinds": list(labels),
        "sounds": {str(n): sound for n, sound in sounds.items()},
        "cards": {str(n): card for n, card in cards.items()},
        "shares": [round(100 * share) for share in shares],
    }
    # A name can't end the script, whatever it is.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    said = f"{len(points)} recordings as points in space; arrow keys turn, n goes to the next"
    return tag(
        "div",
        tag("canvas", tabindex="0", role="img", aria_label=said),
        tag("div", _HOW, class_="tip", role="status"),
        tag("div", *(_key(n, name) for n, name in enumerate(labels)), class_="keys"),
        tag("script", Markup(text), type="application/json"),
        class_="turning",
    )


def _key(n: int, name: str) -> Markup:
    """A button that brings out one label."""
    mark = tag("path", d=_MARKS[n // COLOURS % MARKS], style=f"fill:var(--p{n % COLOURS})")
    swatch = tag("svg", mark, viewBox="-6 -6 12 12", aria_hidden="true")
    return tag("button", swatch, name, type="button", data_kind=str(n), aria_pressed="false")


_MARKS = (
    "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z",
    "M-4.5-4.5H4.5V4.5H-4.5Z",
    "M0-5.5L5.5 4.5H-5.5Z",
    "M0-6L6 0L0 6L-6 0Z",
)

STYLE = """
:root { --p0: #0072b2; --p1: #d55e00; --p2: #009e73; --p3: #a4508b; --p4: #c9a400; --p5: #2b9fd9;
  --p6: #000000; --p7: #7a7a7a; }
@media (prefers-color-scheme: dark) { :root { --p0: #56b4e9; --p1: #ff8c42; --p2: #2bc59b;
  --p3: #dd97bf; --p4: #f0e442; --p5: #7f9cff; --p6: #ffffff; --p7: #9a9a9a; } }
.turning { position: relative; }
.turning canvas { display: block; width: 100%; height: min(70vw, 32rem); cursor: grab;
  touch-action: pan-y; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--card); }
.turning canvas:active { cursor: grabbing; }
.tip { min-height: 3.2em; padding: .3rem .1rem; font-size: .9rem; }
.keys { display: flex; flex-wrap: wrap; gap: .3rem; }
.keys button { display: inline-flex; align-items: center; gap: .3rem; padding: .15rem .6rem;
  border: 1px solid var(--line); border-radius: 1rem; background: var(--card); color: var(--ink);
  font: inherit; font-size: .85rem; cursor: pointer; }
.keys button[aria-pressed=true] { border-color: currentColor; font-weight: 600; }
.keys svg { width: .8rem; height: .8rem; }
"""

SCRIPT = r"""
for (const box of document.querySelectorAll('.turning')) {
  const data = JSON.parse(box.querySelector('script').textContent);
  const canvas = box.querySelector('canvas'), tip = box.querySelector('.tip');
  const pen = canvas.getContext('2d'), count = data.names.length;
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  let yaw = 0.6, pitch = 0.35, zoom = 1, kind = -1, at = -1, turning = !still, from = null;
  let seen = [], colours = [], ink = '', line = '', asked = false;
  const player = new Audio();
  const paint = () => {
    const style = getComputedStyle(document.documentElement);
    colours = [...Array(8).keys()].map(n => style.getPropertyValue('--p' + n).trim());
    ink = style.getPropertyValue('--ink').trim();
    line = style.getPropertyValue('--faint').trim();
    ask();
  };
  const ask = () => { if (!asked) { asked = true; requestAnimationFrame(draw); } };
  const place = (x, y, z, size) => {
    const cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(pitch), sp = Math.sin(pitch);
    const across = x * cy + z * sy, deep = z * cy - x * sy;
    const up = y * cp - deep * sp, depth = y * sp + deep * cp, near = 2.6 / (2.6 + depth);
    return [size.w / 2 + across * near * size.s, size.h / 2 - up * near * size.s, depth, near];
  };
  const mark = (which, x, y, r) => {
    pen.beginPath();
    if (which === 0) pen.arc(x, y, r, 0, 7);
    else if (which === 1) pen.rect(x - r * .9, y - r * .9, 1.8 * r, 1.8 * r);
    else if (which === 2) { pen.moveTo(x, y - 1.2 * r); pen.lineTo(x + 1.1 * r, y + .9 * r);
      pen.lineTo(x - 1.1 * r, y + .9 * r); pen.closePath(); }
    else { pen.moveTo(x, y - 1.3 * r); pen.lineTo(x + 1.3 * r, y); pen.lineTo(x, y + 1.3 * r);
      pen.lineTo(x - 1.3 * r, y); pen.closePath(); }
  };
  const axes = size => {
    pen.strokeStyle = pen.fillStyle = line; pen.lineWidth = 1; pen.font = '12px system-ui';
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]].forEach((a, n) => {
      const o = place(0, 0, 0, size), e = place(a[0] * .9, a[1] * .9, a[2] * .9, size);
      pen.beginPath(); pen.moveTo(o[0], o[1]); pen.lineTo(e[0], e[1]); pen.stroke();
      pen.fillText('axis ' + (n + 1) + ': ' + data.shares[n] + ' %', e[0] + 4, e[1]);
    });
  };
  const draw = () => {
    asked = false;
    const ratio = devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
      canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, w, h);
    const size = {w, h, s: Math.min(w, h) * .62 * zoom}, p = data.places;
    axes(size);
    seen = [];
    for (let n = 0; n < count; n++) seen.push([n, ...place(p[3*n], p[3*n+1], p[3*n+2], size)]);
    seen.sort((a, b) => b[3] - a[3]);
    for (const [n, x, y, , near] of seen) {
      const label = data.labels[n], heard = n in data.sounds || n in data.cards;
      pen.globalAlpha = kind >= 0 && label !== kind ? .06 : heard ? .95 : .5;
      pen.fillStyle = colours[label % 8];
      mark(Math.floor(label / 8) % 4, x, y, (heard ? 3.4 : 2.4) * near);
      pen.fill();
      if (n in data.cards) { pen.strokeStyle = ink; pen.lineWidth = 1.2; pen.stroke(); }
    }
    pen.globalAlpha = 1;
    const here = seen.find(s => s[0] === at);
    if (here) {
      pen.strokeStyle = ink; pen.lineWidth = 2;
      mark(0, here[1], here[2], 8); pen.stroke();
    }
    canvas.dataset.yaw = yaw.toFixed(3);
    canvas.dataset.drawn = count;
    if (turning) { yaw += .003; ask(); }
  };
  const nearest = event => {
    const edge = canvas.getBoundingClientRect();
    const x = event.clientX - edge.left, y = event.clientY - edge.top;
    let found = -1, least = 16 * 16;
    for (const [n, px, py] of seen) {
      if (kind >= 0 && data.labels[n] !== kind) continue;
      const apart = (px - x) ** 2 + (py - y) ** 2;
      if (apart <= least) { least = apart; found = n; }
    }
    return found;
  };
  const tell = n => {
    at = n; ask();
    if (n < 0) return;
    const heard = n in data.sounds ? ', plays when clicked' : n in data.cards ?
      ', stands out: its card plays when clicked' : '';
    tip.textContent = data.names[n] + ' (' + data.kinds[data.labels[n]] + '), ' +
      data.odd[n].toFixed(1) + ' times as far out as usual' + heard;
  };
  const play = n => {
    if (n in data.sounds) { player.src = data.sounds[n]; player.play(); canvas.dataset.played = n; }
    else if (n in data.cards) {
      const card = document.getElementById(data.cards[n]);
      card.scrollIntoView({block: 'center', behavior: still ? 'auto' : 'smooth'});
      card.querySelector('audio').play();
    }
  };
  canvas.addEventListener('pointerdown', event => {
    turning = false;
    from = {x: event.clientX, y: event.clientY, yaw, pitch, moved: false};
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', event => {
    if (!from) { turning = false; tell(nearest(event)); return; }
    const x = event.clientX - from.x, y = event.clientY - from.y;
    from.moved = from.moved || Math.hypot(x, y) > 4;
    if (from.moved) {
      yaw = from.yaw + x * .008;
      pitch = Math.max(-1.5, Math.min(1.5, from.pitch + y * .008));
      ask();
    }
  });
  canvas.addEventListener('pointerup', event => {
    if (from && !from.moved) { const n = nearest(event); tell(n); play(n); }
    from = null;
  });
  canvas.addEventListener('pointercancel', () => { from = null; });
  const steps = {ArrowLeft: [-.1, 0], ArrowRight: [.1, 0], ArrowUp: [0, -.1], ArrowDown: [0, .1]};
  canvas.addEventListener('keydown', event => {
    turning = false;
    if (event.key in steps) {
      yaw += steps[event.key][0];
      pitch = Math.max(-1.5, Math.min(1.5, pitch + steps[event.key][1]));
      event.preventDefault();
    } else if (event.key === '+') zoom = Math.min(6, zoom * 1.2);
    else if (event.key === '-') zoom = Math.max(.5, zoom / 1.2);
    else if (event.key === 'n') tell((at + 1) % count);
    else if (event.key === 'Enter' && at >= 0) play(at);
    ask();
  });
  for (const button of box.querySelectorAll('button')) button.addEventListener('click', () => {
    const chosen = Number(button.dataset.kind);
    kind = kind === chosen ? -1 : chosen;
    for (const b of box.querySelectorAll('button'))
      b.setAttribute('aria-pressed', String(Number(b.dataset.kind) === kind));
    ask();
  });
  new ResizeObserver(ask).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
  paint();
}
"""
