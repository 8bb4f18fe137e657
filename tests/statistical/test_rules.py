"""Choices by every rule, simulated, against the law of the exact theory; and what wrong rules do.

Null hypotheses: winners are independent with the law p H of their rule (of the best few of K, which
are all kept, one of each group). P-values are proved bounds (`winners_verdict`), and the sizes are
such that the wrong rule is accepted with a chance of at most `MISS`, by exact binomial tails. What
people would do is drawn; H is the engine's, or enumerated here.
"""

import math
from fractions import Fraction
from itertools import combinations, permutations, product

import numpy as np
import pytest

from recurate import RewardLaw, curate
from recurate.numerics.agreement.winners import winners_verdict
from recurate.numerics.sampling.finite_pools import best_of_distinct
from recurate.numerics.sampling.streams import NumpyStream
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Stages,
    TopShare,
    Voters,
)

from ..own_rules import WorseOfTwo
from .power import MISS, miss_probability
from .rule_cases import CYCLE, LAW

RATE = 1e-10
NUMBER = 200_000

OF_ATOMS = np.full((6, 6), 0.5)
OF_ATOMS[np.triu_indices(6, 1)] = np.linspace(0.05, 0.95, 15)
OF_ATOMS[np.tril_indices(6, -1)] = 1.0 - OF_ATOMS.T[np.tril_indices(6, -1)]


class WorseChosen(WorseOfTwo):
    """The same, and how it is chosen."""

    def choose(self, law, candidates, rng):
        return law.rewards[candidates].argmin(axis=0)


def two_voters(share):
    return Voters([(share, BestOf(4, by="other")), (1 - share, BradleyTerry(3))])


RULES = {
    "adversary": (BradleyTerry(3, scale=-2), BradleyTerry(3, scale=-1.7)),
    "by-score": (BradleyTerry(5, by="other"), BradleyTerry(4, by="other")),
    "tilt": (BradleyTerry(math.inf, scale=0.5, by="other"), BradleyTerry(12, 0.5, "other")),
    "best": (BestOf(4), BestOf(3)),
    "best-few": (BestOf(5, keep=2, by="other"), BestOf(5, keep=3, by="other")),
    "top-share": (TopShare(0.3), TopShare(0.32)),
    "top-share-edge": (TopShare(0.62, by="other"), TopShare(0.6, by="other")),
    "accept": (Accept("chance"), BradleyTerry(math.inf, by="chance")),
    "groups": (PairwisePreference(CYCLE, of="groups"), PairwisePreference(CYCLE.T, of="groups")),
    "atoms": (PairwisePreference(OF_ATOMS), PairwisePreference(OF_ATOMS.T)),
    "random": (RandomChoice(), BradleyTerry(2, scale=0.1)),
    "voters": (two_voters(0.4), two_voters(0.45)),
    "stages": (
        Stages([BestOf(4, keep=2), BradleyTerry(2, by="other"), Accept("chance")]),
        Stages([BestOf(4), BradleyTerry(2, by="other"), Accept("chance")]),
    ),
    "share-then-tilt": (
        Stages([TopShare(0.7), BestOf(2, by="other")]),
        Stages([BestOf(2, by="other"), TopShare(0.7)]),
    ),
    "own-law": (WorseOfTwo(), BradleyTerry(2, scale=-2)),
    "own-choice": (WorseChosen(), BestOf(2)),
    "own-in-stages": (
        Stages([WorseOfTwo(), Voters([(0.5, WorseChosen()), (0.5, BestOf(3))])]),
        Stages([WorseOfTwo(), WorseChosen()]),
    ),
}


def curated(rule, law=LAW):
    probs = law.probs * np.exp(rule.log_ratio(law, np.log(law.probs)))
    return probs / probs.sum()


def counts_of(winners, size=LAW.size):
    return np.bincount(np.asarray(winners), minlength=size)


def sampled(rule, number, seed, backend):
    """How often each atom won in so many independent choices."""
    keep = getattr(rule, "keep", 1)
    options = {"n_curated": number * keep, "rng": seed, "backend": backend}
    return counts_of(curate(LAW, rule=rule, **options)[::keep])


def telling(probs, wrong):
    """An order of the atoms in which a wrong law is seen: by how much too often it has them."""
    return np.round(np.log(np.maximum(wrong, 1e-300) / np.maximum(probs, 1e-300)), 9)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", RULES)
@pytest.mark.error_rate(rate=RATE, null="winners are independent, p H", size="200,000 winners")
def test_winners_have_the_law_of_their_rule(name, backend):
    if backend == "torch":
        pytest.importorskip("torch")
    rule, other = RULES[name]
    probs, wrong = curated(rule), curated(other)
    order = telling(probs, wrong)
    verdict = winners_verdict(sampled(rule, NUMBER, 11, backend), probs, order)
    assert verdict.p_value >= RATE, verdict
    assert miss_probability(probs, wrong, order, NUMBER, RATE) <= MISS
    assert winners_verdict(sampled(other, NUMBER, 12, backend), probs, order).p_value < RATE


@pytest.mark.parametrize("name", RULES)
@pytest.mark.error_rate(rate=RATE, null="winners are independent, p H", size="1,000 winners")
def test_blocks_change_no_law(name, monkeypatch):
    """Of so few numbers that candidates of a choice, but those kept, are gone through in turn."""
    rule, _ = RULES[name]
    monkeypatch.setattr(NumpyStream, "block", {"best-few": 7, "stages": 40}.get(name, 3))
    probs = curated(rule)
    verdict = winners_verdict(sampled(rule, 1_000, 14, "numpy"), probs, LAW.rewards)
    assert verdict.p_value >= RATE, verdict


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.error_rate(rate=2 * RATE, null="winners are independent, p H", size="200,000 winners")
def test_single_precision_changes_nothing_but_the_tilt(backend):
    """Of 10^6 + 1 and 10^6 + 1.01, which are one in float32, the better one is the best of two."""
    if backend == "torch":
        pytest.importorskip("torch")
    law = RewardLaw(LAW.rewards / 100 + 1e6, LAW.probs)
    for rule in (BestOf(3), TopShare(0.5)):
        probs = law.probs * np.exp(rule.log_ratio(law, np.log(law.probs)))
        found = curate(law, rule=rule, n_curated=NUMBER, rng=3, backend=backend, dtype="float32")
        assert winners_verdict(counts_of(found), probs / probs.sum(), law.rewards).p_value >= RATE


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.error_rate(rate=RATE, null="groups are independent, as enumerated", size="100,000")
def test_the_kept_of_a_group_are_those_of_the_same_candidates(backend):
    """Pairs of the best two of three, over all 27 triples of atoms, in any order; and ties."""
    if backend == "torch":
        pytest.importorskip("torch")
    probs, values = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)], [0, 1, 1]
    exact = np.zeros((3, 3))
    for triple in product(range(3), repeat=3):
        mass = math.prod(probs[i] for i in triple)
        ways = [pair for pair in permutations(range(3), 2) if _are_best(pair, triple, values)]
        for i, j in ways:
            exact[triple[i], triple[j]] += float(mass / len(ways))
    law = RewardLaw(values, [float(p) for p in probs])
    found = np.asarray(
        curate(law, rule=BestOf(3, keep=2), n_curated=200_000, rng=5, backend=backend)
    )
    counts = np.bincount(found[::2] * 3 + found[1::2], minlength=9)
    apart = np.outer(exact.sum(axis=1), exact.sum(axis=0))  # winners that know nothing of another
    order = telling(exact.ravel(), apart.ravel())
    verdict = winners_verdict(counts, exact.ravel(), order)
    assert verdict.p_value >= RATE, verdict
    assert miss_probability(exact.ravel(), apart.ravel(), order, 100_000, RATE) <= MISS


def _are_best(pair, triple, values):
    """Whether no candidate that is left is better than one of the pair."""
    (left,) = set(range(3)) - set(pair)
    return values[triple[left]] <= min(values[triple[i]] for i in pair)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.error_rate(rate=2 * RATE, null="the batch is a sample of T(p)", size="10^6 choices")
def test_a_stage_that_looks_at_all_has_a_sample_of_what_was_chosen(backend):
    """The best half of the best of two. Dvoretzky, Kiefer, Wolfowitz and Massart.

    The batch's distribution function is within e of its law but for a chance 2 exp(-2 n e²), so a
    share of the best half is off by at most 2e; the winners from it by as much again.
    """
    if backend == "torch":
        pytest.importorskip("torch")
    rule, number = Stages([BestOf(2), TopShare(0.5, by="other")]), 10**6
    found = counts_of(curate(LAW, rule=rule, n_curated=number, rng=6, backend=backend)) / number
    reach = math.sqrt(math.log(2 / RATE) / (2 * number))
    # By the score the atoms that tie count together; and so they are compared.
    for value in np.unique(LAW.scores["other"]):
        upper = LAW.scores["other"] >= value
        assert abs(found[upper].sum() - curated(rule)[upper].sum()) < 4 * reach
    swapped = curated(Stages([TopShare(0.5, by="other"), BestOf(2)]))
    assert abs(found - swapped).max() > 8 * reach


PROMPTED = RewardLaw(
    np.round(np.random.default_rng(2).normal(size=40), 1),
    np.random.default_rng(3).dirichlet(np.full(40, 5.0)),
    np.arange(40) % 3,
    prompts=np.random.default_rng(4).integers(0, 6, 40),
    scores={"other": np.arange(40.0) % 7, "chance": np.arange(40) % 5 / 4},
)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", [name for name in RULES if name != "atoms"])
@pytest.mark.error_rate(rate=RATE, null="within each prompt p(.|z) H", size="6 x 20,000")
def test_winners_have_the_law_of_their_rule_within_their_prompt(name, backend):
    """Pooled, the best share of all prompts together would be another law: it is noticed."""
    if backend == "torch":
        pytest.importorskip("torch")
    rule, _ = RULES[name]
    keep = getattr(rule, "keep", 1)
    rows = curate(PROMPTED, rule=rule, n_curated=20_000 * keep, rng=13, backend=backend)
    assert tuple(rows.shape) == (6, 20_000 * keep)
    for label, row in zip(PROMPTED.prompt_names, np.asarray(rows)[:, ::keep], strict=True):
        own = np.flatnonzero(PROMPTED.prompt_index == PROMPTED.prompt_names.index(label))
        counts = np.bincount(row, minlength=PROMPTED.size)
        assert counts.sum() == counts[own].sum()
        law = PROMPTED.prompt(label)
        if name == "groups":  # that law has the groups in an order of its own
            own_order = [PROMPTED.group_names.index(group) for group in law.group_names]
            rule = PairwisePreference(CYCLE[np.ix_(own_order, own_order)], of="groups")
        verdict = winners_verdict(counts[own], curated(rule, law), law.rewards)
        assert verdict.p_value >= RATE / 6, (label, verdict)


POOL = [0.0, 1.0, 1.0, 2.0, 3.0, 3.0, 5.0]


def chosen_of_subsets(K, chance):
    """The law of a choice among K distinct of `POOL`: all subsets are as probable."""
    law = np.zeros(len(POOL))
    subsets = list(combinations(range(len(POOL)), K))
    for subset in subsets:
        law[list(subset)] += np.array(chance([POOL[i] for i in subset])) / len(subsets)
    return law


def softmax(values):
    return np.exp(values) / np.exp(values).sum()


def best(values):
    ties = np.array(values) == max(values)
    return ties / ties.sum()


FINITE = {
    "softmax": (BradleyTerry(3), chosen_of_subsets(3, softmax)),
    "best": (BestOf(5), chosen_of_subsets(5, best)),
    "closed-form": (BestOf(4), best_of_distinct(POOL, 4)),
    "all": (BestOf(7), best_of_distinct(POOL, 7)),
}


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", FINITE)
@pytest.mark.parametrize("is_dealt", [False, True], ids=["distinct", "dealt"])
@pytest.mark.error_rate(rate=RATE, null="winners are independent, as enumerated", size="100,000")
def test_winners_among_distinct_entries(name, is_dealt, backend):
    """The same law for one batch of each of 100,000 shuffled pools as for distinct candidates."""
    if backend == "torch":
        pytest.importorskip("torch")
    rule, probs = FINITE[name]
    number, size = 100_000, len(POOL)
    if is_dealt:
        pools = np.tile(POOL, number)
        labels = np.arange(pools.size) // size
        options = {"disjoint": True, "prompts": labels, "rng": 7, "backend": backend}
        found = np.asarray(curate(pools, rule=rule, n_curated=1, **options))[:, 0] % size
    else:
        found = curate(POOL, rule=rule, n_curated=number, replace=False, rng=8, backend=backend)
    law = RewardLaw(POOL)
    replaced = curated(rule, law)
    order = telling(probs, replaced)
    verdict = winners_verdict(counts_of(found, size), probs, order)
    assert verdict.p_value >= RATE, verdict
    assert miss_probability(probs, replaced, order, number, RATE) <= MISS


@pytest.mark.error_rate(rate=RATE, null="winners are independent", size="20,000 winners")
def test_best_of_half_of_a_pool():
    """64 of 128, where shuffling the pool is quicker than drawing one by one."""
    probs = best_of_distinct(np.arange(128.0), 64)
    found = curate(np.arange(128.0), rule=BestOf(64), n_curated=20_000, replace=False, rng=9)
    verdict = winners_verdict(counts_of(found, 128), probs, np.arange(128.0))
    assert verdict.p_value >= RATE, verdict
    replaced = curated(BestOf(64), RewardLaw(np.arange(128.0)))
    assert miss_probability(probs, replaced, np.arange(128.0), 20_000, RATE) <= MISS
