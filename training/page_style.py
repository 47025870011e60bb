"""How the pages of measurements look, over what every page has: curves, bars, scores."""

from __future__ import annotations

from ..synth.timeline import STYLE as TIMELINE

STYLE = (
    TIMELINE
    + """
.det { max-width: 44rem; margin: 0 auto; overflow: visible; }
.det text { fill: var(--faint); font-size: 13px; }
.grid { stroke: var(--line); } .limit { stroke: var(--orange); stroke-width: 3; }
.curve { fill: none; stroke: var(--blue); stroke-width: 2.5; }
.curve.second { stroke: var(--orange); stroke-dasharray: 7 4; }
.own { fill: var(--orange); stroke: var(--card); stroke-width: 2; }
.dot.first { fill: var(--blue); } .dot.second { fill: var(--orange); }
.bars { max-width: 44rem; margin: 0 auto; } .bars text { fill: var(--faint); font-size: 12px; }
.bars .first { fill: var(--blue); fill-opacity: .75; }
.bars .second { fill: var(--orange); fill-opacity: .7; }
.key { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 .8rem; }
.key.first { background: var(--blue); } .key.second { background: var(--orange); }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; } article h3 { margin: 0 0 .3rem; }
.score { fill: none; stroke: #fff; stroke-width: 2.5; vector-effect: non-scaling-stroke; }
.under { fill: none; stroke: #000; stroke-width: 5; stroke-opacity: .55;
  vector-effect: non-scaling-stroke; }
.asked { stroke: #ff8c42; stroke-width: 1.5; stroke-dasharray: 6 4;
  vector-effect: non-scaling-stroke; }
code { overflow-wrap: anywhere; }
.over { paint-order: stroke; stroke: var(--paper); stroke-width: 5; stroke-linejoin: round; }
.curve.third { stroke: var(--green); stroke-dasharray: 2 3; }
.curve.fourth { stroke: var(--purple); stroke-dasharray: 9 3 2 3; }
.curve.fifth { stroke: var(--grey); stroke-dasharray: 14 4; }
.curve.sixth { stroke: var(--ink); stroke-dasharray: 3 5; }
.curve.seventh { stroke: var(--yellow); stroke-dasharray: 12 3; }
.chance { stroke: var(--faint); stroke-dasharray: 2 4; }
.key.third { background: var(--green); } .key.fourth { background: var(--purple); }
.key.fifth { background: var(--grey); }
.dot.third { fill: var(--green); } .dot.fourth { fill: var(--purple); }
.dot.fifth { fill: var(--grey); }
.key.sixth { background: var(--ink); } .key.seventh { background: var(--yellow); }
.dot.sixth { fill: var(--ink); } .dot.seventh { fill: var(--yellow); }
.clip .wave { height: 3.6rem; } .clip .spectrum { height: 8rem; } .clip .mel { height: 6rem; }
.clip .cepstra { height: 3rem; } .voiced { fill: var(--blue); fill-opacity: .22; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(25rem, 100%), 1fr));
  gap: .8rem; align-items: start; } .cards article { margin: 0; }
.wide > svg { min-width: var(--least, 30rem); }
.confusion { max-width: 44rem; margin: 0 auto; }
.confusion text { fill: var(--faint); font-size: 13px; }
.confusion .n { fill: var(--ink); } .confusion .n.bright { fill: var(--card); }
.confusion .right { fill: var(--blue); stroke: var(--line); }
.confusion .wrong { fill: var(--orange); stroke: var(--line); }
@media (max-width: 32rem) { body { padding: .7rem; } .bars text { font-size: 19px; }
  .det text { font-size: 16px; } .wide .bars text { font-size: 13px; } }
"""
)
