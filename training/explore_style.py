"""How the report of a data set looks and moves, over what every page has."""

from __future__ import annotations

from ..synth.timeline import SCRIPT as TIMELINE
from .explore_turning import SCRIPT as TURNING
from .explore_turning import STYLE as TURNED
from .page_style import STYLE as MEASURED

STYLE = (
    MEASURED
    + TURNED
    + """
h2 { font-size: 1.25rem; margin: 0 0 .3rem; }
section { border-top: 1px solid var(--line); padding-top: 1rem; margin-top: 2rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: .6rem;
  margin: 1rem 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: .6rem .8rem; }
.tile b { display: block; font-size: 1.35rem; line-height: 1.2; }
.tile span { color: var(--faint); font-size: .85rem; }
.found { border-left: .3rem solid var(--orange); padding: .1rem 0 .1rem 1rem; margin: 1rem 0; }
.found li { margin: .25rem 0; } .found ul { padding-left: 1.1rem; margin: .3rem 0; }
.names { display: grid; grid-template-columns: fit-content(45%) 1fr; gap: .2rem .6rem;
  font-size: .85rem; line-height: 1.3; max-width: 44rem; }
.names .of { text-align: right; } .names .track { display: flex; gap: .4rem; }
.names .bar { background: var(--blue); opacity: .8; width: calc((100% - 3.5rem) * var(--share)); }
.median { stroke: var(--orange); stroke-width: 2; }
.bars text, .panel text { fill: var(--ink); }
.violin { fill: var(--blue); fill-opacity: .65; stroke: var(--blue); }
.panels { display: grid; gap: .4rem;
  grid-template-columns: repeat(auto-fill, minmax(min(11rem, 44%), 1fr)); }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; }
.panel text { font-size: 11px; } .panel .name { font-size: 13px; font-weight: 600; }
.behind { fill: none; stroke: var(--line); stroke-width: 1; }
.panel .curve { stroke-width: 2; }
.means { display: grid; gap: .6rem;
  grid-template-columns: repeat(auto-fill, minmax(min(10rem, 44%), 1fr)); }
.means figure { margin: 0; } .means img { width: 100%; height: 7rem; display: block;
  border-radius: .3rem; } .means figcaption { font-size: .85rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .3rem .8rem; margin: .6rem 0;
  border-top: 1px solid var(--line); padding-top: .4rem; font-size: .9rem; }
.pair p { grid-column: 1 / -1; margin: 0; } .pair audio { margin: .2rem 0; }
select { font: inherit; padding: .2rem .4rem; background: var(--card); color: var(--ink);
  border: 1px solid var(--line); border-radius: .4rem; max-width: 100%; }
@media (max-width: 32rem) { .pair { grid-template-columns: 1fr; } }
"""
)

_VIEWS = """
for (const choice of document.querySelectorAll('select')) {
  choice.addEventListener('change', () => {
    for (const view of choice.closest('section').querySelectorAll('[data-view]'))
      view.hidden = view.dataset.view !== choice.value;
  });
}
"""

SCRIPT = TIMELINE + TURNING + _VIEWS
