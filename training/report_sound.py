"""What a training's report lets one hear: missed words, false accepts, and what the miner found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..synth.clips import KINDS
from ..synth.palette import Clip
from .calibrate import Evidence, best, in_silence
from .card import Card
from .corpus import MANIFEST, read_sound, rows_of
from .finds import FindsError
from .measure import Scores
from .quiet_room import LEAD
from .ship import Measured
from .worst import Peak, Places, least_sure, peaks

_BEFORE, _AFTER = 32_000, 12_800


def said_in(clips: Sequence[Path]) -> dict[str, str]:
    """By a clip's name, what is said in it and by whom; nothing where no manifest tells."""
    told = {}
    for kind in KINDS:
        for path, row in rows_of(clips, kind):
            voice = " ".join(str(row[key]) for key in ("engine", "voice") if key in row)
            text = f"“{row['text']}”" if "text" in row else ""
            told[str(path)] = ", ".join(filter(None, (text, voice)))
    return told


def missed_words(
    words: Sequence[Clip],
    scores: Sequence[Scores],
    threshold: float,
    told: Mapping[str, str],
    most: int,
) -> list[Card]:
    """The least sure first, each as it was heard, with lines where the word lies."""
    return [
        Card(
            title=told.get(words[i].name) or words[i].name or "a recording",
            said=f"{Path(words[i].name).name}, score {best(scores[i]):.3f}",
            sound=in_silence(words[i]),
            threshold=threshold,
            scores=scores[i],
            marks=(LEAD + words[i].word_start, LEAD + words[i].word_end),
        )
        for i in least_sure(words=scores, threshold=threshold, most=most)
    ]


def false_accepts(
    made: Measured, held_out: Sequence[Clip], told: Mapping[str, str], most: int
) -> list[Card]:
    """Where sound without the word fired, or came nearest to it."""
    kept = made.calibration.evidence
    places = Places(held_out, [len(stream) for stream in made.streams])
    found = peaks(kept.streams, kept.rule.refractory_steps, most)
    return [_false_accept(made, peak, places, told) for peak in found]


def _false_accept(made: Measured, peak: Peak, places: Places, told: Mapping[str, str]) -> Card:
    kept, threshold = made.calibration.evidence, made.calibration.chosen.threshold
    at = (peak.step + 1) * kept.step_samples
    clip, at_s = places.of(peak.stream, at - 1)
    fires = "fires" if peak.score >= threshold else "does not fire"
    first, last = _steps_shown(kept, peak)
    sound = made.streams[peak.stream][first * kept.step_samples : last * kept.step_samples]
    scores = kept.streams[peak.stream][first:last]
    title = f"{told.get(clip.name) or clip.name} at {at_s:.2f} s"
    return Card(title, f"score {peak.score:.3f}, {fires}", sound, threshold, scores)


def _steps_shown(kept: Evidence, peak: Peak) -> tuple[int, int]:
    """From 2 s before the peak to 0.8 s after it, as far as there is sound."""
    before, after = _BEFORE // kept.step_samples, _AFTER // kept.step_samples
    last = min(len(kept.streams[peak.stream]), peak.step + 1 + after)
    return max(0, peak.step + 1 - before), last


def finds_heard(folder: Path, most: int) -> list[Card]:
    """The first clips that the miner kept, with the recordings that each was mixed from."""
    listed = folder / MANIFEST
    if not listed.is_file():
        return []
    try:
        rows = [json.loads(s) for s in listed.read_text(encoding="utf-8").splitlines()[:most]]
        return [_find(folder, row) for row in rows]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise FindsError(f"{listed}: can't be read ({error}); take {folder} away") from error


def _find(folder: Path, row: Mapping[str, object]) -> Card:
    made_of = row["from"]
    names = ", ".join(map(str, made_of)) if isinstance(made_of, list) else str(made_of)
    title = f"{row['file']}: {row['kind']}, score {row['score']}"
    return Card(title, f"from {names or 'noise alone'}", read_sound(folder / str(row["file"])))
