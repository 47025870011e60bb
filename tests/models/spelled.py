"""What a recognizer would give that heard a text well, and one that heard it less well."""

import numpy as np
from wakeful.models.ctc import log_softmax
from wakeful.models.letters import BLANK, OUTPUTS, encode


def spelled(text, seed=0, noise=0.0, most=3):
    """Log-probabilities [steps, 29] that spell a text, each letter and blank drawn in length."""
    rng = np.random.default_rng(seed)
    row, last = [BLANK], None
    for number in encode(text):
        row += [BLANK] * int(rng.integers(number == last, most))
        row += [number] * int(rng.integers(1, most))
        last = number
    row += [BLANK] * int(rng.integers(most))
    logits = np.full((len(row), OUTPUTS), -8.0, np.float32)
    logits[np.arange(len(row)), row] = 2.0
    logits += noise * rng.normal(size=logits.shape).astype(np.float32)
    return log_softmax(logits)
