"""The evidence for uniqueness is about the fixed point that it says it is about."""

from fractions import Fraction

import pytest

from recurate.numerics.curation import rationals
from recurate.paper_checks.fixed_points.fixed_point_unique import check
from recurate.paper_checks.runs.instances import Instance
from recurate.paper_checks.runs.kinds import ExactRun

WEIGHTS = (Fraction(1, 10), Fraction(1, 2), Fraction(1))
P = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
Q = (Fraction(1, 4), Fraction(1, 4), Fraction(1, 2))


@pytest.mark.parametrize("share", [Fraction(1, 10), Fraction(4, 5), Fraction(99, 100)])
def test_margins_are_those_of_a_loop_that_leaves_p_be(share):
    ratio = rationals.curation_ratio(list(WEIGHTS), list(P), 3)
    a = share / ratio[2]
    data = tuple((p - a * p * h) / (1 - a) for p, h in zip(P, ratio, strict=True))
    assert min(data) > 0
    assert sum(data) == 1

    def retrained(law):
        loop = {"weights": WEIGHTS, "reference": data, "K": 3, "lam": a / (1 - a)}
        return ExactRun(Instance(**loop, initial=law)).law(1)

    assert retrained(P) == list(P)
    moved = sum(abs(after - before) for after, before in zip(retrained(Q), Q, strict=True)) / 2
    # TV(p, q) = 1/3: the second law has that much more at the top.
    pair = Instance(weights=WEIGHTS, reference=P, second=Q, K=3, lam=share / (1 - share))
    margins = {margin.where: margin.value for margin in check.margins_of(ExactRun(pair))}
    where = "p = p_ref, q = the second law"
    assert margins[where] == moved - (1 - share) / 3 > 0
