"""The bound of best-of-k by hand, and the engine's best of K; test_tightness has equality."""

import math
from fractions import Fraction

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.rules import BestOf
from recurate.theory.catalogue import STATEMENTS


def test_values_by_hand():
    bound = STATEMENTS["best-of-k"].bound_function()
    # log 4 - 1 + 1/4 and 2 log 4 - 1 + 1/16
    assert bound(K=4, steps=1) == pytest.approx(math.log(4) - 0.75, rel=1e-15)
    assert bound(K=4, steps=2) == pytest.approx(1.8350887, abs=1e-7)
    assert bound(K=1, steps=5) == 0
    assert bound(K=7, steps=0) == 0


def test_the_engine_takes_the_best_of_all():
    law = RewardLaw([0.0, 0.5, 0.5, 2.0], [0.1, 0.3, 0.2, 0.4])
    run = CurationLoop(law, rule=BestOf(3), lam=math.inf).run(steps=2)
    masses = np.exp(run.log_probs(2))
    # levels 0, ½, 2 of masses .1, .5, .4: distribution functions to the power 9
    below = [Fraction(1, 10) ** 9, Fraction(6, 10) ** 9]
    assert masses[0] == pytest.approx(float(below[0]), rel=1e-12)
    assert masses[:3].sum() == pytest.approx(float(below[1]), rel=1e-12)
