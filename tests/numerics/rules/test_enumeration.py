"""Every rule against its definition in exact rationals, on small laws with ties and zero masses."""

from collections import Counter
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest

from recurate import RewardLaw
from recurate.rules import BestOf, Stages, TopShare

from ..oracles import RATIO_ERROR, logs, worst
from .exact_rules import ExactLaw, best_of, random_rule, stages, top_share

LAWS = 60  # for each seed


@pytest.mark.parametrize("seed", range(10))
def test_rules_are_their_definitions(seed):
    rng = np.random.default_rng(seed)
    for _ in range(LAWS):
        of = ExactLaw.random(rng)
        rule, exact = random_rule(rng, of)
        expected = exact(of.probs)
        assert sum(p * h for p, h in zip(of.probs, expected, strict=True)) == 1  # of the oracle
        found = rule.log_ratio(of.law, of.log_probs)
        assert worst(found, logs(expected)) <= RATIO_ERROR, (rule, of)
        assert max(expected) <= rule.most_candidates, rule
        probs = np.exp(of.log_probs)
        there = probs > 0
        assert abs(probs[there] @ np.exp(found[there]) - 1) <= 1e-13, rule


def test_every_kind_of_rule_is_drawn_often():
    rng = np.random.default_rng(0)
    drawn = Counter(type(random_rule(rng, ExactLaw.random(rng))[0]).__name__ for _ in range(600))
    assert len(drawn) == 8
    assert min(drawn.values()) >= 40


@pytest.mark.parametrize("seed", range(3))
def test_the_best_share_by_all_orders_of_ties(seed):
    # Of six samples in every order, the best are kept: this is what a sort with random ties does.
    rng = np.random.default_rng(seed)
    for _ in range(5):
        column = rng.integers(0, 3, 4).tolist()
        samples = rng.integers(0, 4, 6).tolist()
        kept = int(rng.integers(1, 7))
        counts: Counter[int] = Counter()
        for order in permutations(samples):
            counts.update(sorted(order, key=lambda atom: -column[atom])[:kept])
        probs = [Fraction(samples.count(atom), 6) for atom in range(4)]
        chosen = [Fraction(counts[atom], 720 * kept) for atom in range(4)]
        share = Fraction(kept, 6)
        exact = top_share(column, share)(probs)
        assert [p * h for p, h in zip(probs, exact, strict=True)] == chosen
        with np.errstate(divide="ignore"):
            log_probs = np.log([float(p) for p in probs])
        found = TopShare(float(share)).log_ratio(RewardLaw(column), log_probs)
        assert worst(found, logs(exact)) <= RATIO_ERROR


def test_stages_by_all_ways_through_both():
    # The best two of two, by one column and then by another: over all quadruples.
    first, second = [0, 1, 1], [2, 0, 2]
    probs = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]

    def winners(column, x, y):
        return (
            [(x, Fraction(1))]
            if column[x] > column[y]
            else (
                [(y, Fraction(1))]
                if column[x] < column[y]
                else [(x, Fraction(1, 2)), (y, Fraction(1, 2))]
            )
        )

    chosen = [Fraction(0)] * 3
    for a, b, c, d in product(range(3), repeat=4):
        mass = probs[a] * probs[b] * probs[c] * probs[d]
        for (x, px), (y, py) in product(winners(first, a, b), winners(first, c, d)):
            for z, pz in winners(second, x, y):
                chosen[z] += mass * px * py * pz
    expected = [c / p for c, p in zip(chosen, probs, strict=True)]
    assert stages([best_of(first, 2), best_of(second, 2)])(probs) == expected
    law = RewardLaw(first, scores={"second": second})
    rule = Stages([BestOf(2), BestOf(2, by="second")])
    found = rule.log_ratio(law, np.log([float(p) for p in probs]))
    assert worst(found, logs(expected)) <= RATIO_ERROR
