"""Made-up orders: many, sayable, and without a slot that was forgotten."""

import numpy as np
from wakeful.models.letters import plain
from wakeful.synth.orders import order, saying


def test_orders_can_be_said_and_written():
    """No slot is left in any of them, and all of it can be written in a recognizer's letters."""
    rng = np.random.default_rng(0)
    texts = [order(rng) for _ in range(2_000)]
    assert not [text for text in texts if "{" in text or not plain(text)]
    assert len(set(texts)) > 1_500


def test_sayings_are_of_several_kinds_and_the_seeds_own():
    """Orders are more than half; the same generator says the same."""
    one, two = (np.random.default_rng(5) for _ in range(2))
    texts = [saying(one) for _ in range(300)]
    assert texts == [saying(two) for _ in range(300)]
    assert len(set(texts)) > 250
