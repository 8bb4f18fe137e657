"""Winners, whole runs and logs of choices by every rule, held against the theory by their users.

Null hypotheses: winners are independent with the law p_t H; runs are independent runs of the loop,
retrained by resampling; choices are independent, and the rule's, given the candidates. All p-values
are proved bounds, and hold for every size. Wrong loops are near ones: K off by one, another share
of voters or of retained samples, another λ, another order of stages.
"""

import math

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw, curate, simulate_loop
from recurate.numerics.agreement import counted_runs as counted_module
from recurate.numerics.agreement.counted_runs import counted_runs
from recurate.numerics.agreement.exchanged_runs import log_rates, sizes_of_loop
from recurate.numerics.agreement.ruled_choices import log_choice_probs
from recurate.numerics.laws.levels import FIGURES
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
from recurate.testing import assert_agrees, assert_choices, measured, samples_needed

from ..own_rules import WorseOfTwo
from .rule_cases import CYCLE, LAW

RATE = 1e-10


def two(share, K=3):
    return Voters([(share, BestOf(2, by="other")), (1 - share, BradleyTerry(K))])


LOOPS = {
    "best": ({"rule": BestOf(4), "lam": 1.0}, {"rule": BestOf(3), "lam": 1.0}),
    "kept": (
        {"rule": BestOf(5, keep=3, by="other"), "lam": 2.0},
        {"rule": BestOf(5, keep=2, by="other"), "lam": 2.0},
    ),
    "kept-by-voters": (
        {"rule": Voters([(0.5, BestOf(4, keep=2)), (0.5, RandomChoice())]), "lam": math.inf},
        {"rule": Voters([(0.4, BestOf(4, keep=2)), (0.6, RandomChoice())]), "lam": math.inf},
    ),
    "top-share": ({"rule": TopShare(0.3), "lam": 1.0}, {"rule": TopShare(0.35), "lam": 1.0}),
    "accept": (
        {"rule": Accept("chance"), "lam": 1.0},
        {"rule": BradleyTerry(math.inf, by="chance"), "lam": 1.0},
    ),
    "preference": (
        {"rule": PairwisePreference(CYCLE, of="groups"), "lam": math.inf},
        {"rule": PairwisePreference(CYCLE.T, of="groups"), "lam": math.inf},
    ),
    "voters": ({"rule": two(0.5), "lam": 1.0}, {"rule": two(0.55), "lam": 1.0}),
    "one-of-the-voters": ({"rule": two(0.5), "lam": 1.0}, {"rule": two(0.5, 2), "lam": 1.0}),
    "stages": (
        {"rule": Stages([BestOf(2), TopShare(0.5, by="other")]), "lam": 1.0},
        {"rule": Stages([TopShare(0.5, by="other"), BestOf(2)]), "lam": 1.0},
    ),
    "kept-last": (
        {"rule": Stages([BradleyTerry(2), BestOf(4, keep=2, by="other")]), "lam": 1.0},
        {"rule": Stages([BradleyTerry(3), BestOf(4, keep=2, by="other")]), "lam": 1.0},
    ),
    "own": ({"rule": WorseOfTwo(), "lam": 1.0}, {"rule": RandomChoice(), "lam": 1.0}),
    "lam": ({"rule": BestOf(3), "lam": 1.0}, {"rule": BestOf(3), "lam": 1.2}),
    "retained": ({"K": 4, "lam": 2.0, "retained": 0.25}, {"K": 4, "lam": 2.0}),
    "changing": (
        {"rule": [BestOf(2), two(0.5)], "lam": lambda t: 1.0 + t, "retained": [0.0, 0.5]},
        {"rule": [two(0.5), BestOf(2)], "lam": lambda t: 1.0 + t, "retained": [0.0, 0.5]},
    ),
    "on-and-off": ({"K": 3, "lam": [math.inf, 0.0]}, {"K": 3, "lam": [0.0, math.inf]}),
    "accumulated": (
        {"rule": BestOf(3), "training": Accumulate(2.0, 1.0)},
        {"rule": BestOf(3), "lam": 0.5},  # the first step is the same, the second one is not
    ),
}
SIZES = {"steps": 2, "n_generated": 20_000, "replicates": 10}


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.error_rate(rate=RATE, null="runs of the loop", size="10 runs of 20,000, 2 steps")
def test_runs_of_a_loop_agree_and_of_a_near_one_do_not(name):
    loop, other = (CurationLoop(LAW, **given) for given in LOOPS[name])
    assert_agrees(simulate_loop(loop, rng=31, **SIZES), loop, alpha=RATE)
    with pytest.raises(AssertionError, match="the trajectory disagrees with the loop's"):
        assert_agrees(simulate_loop(other, rng=32, **SIZES), loop)


def moments(loop, figures, groups):
    """Each figure of each run, and its squared distance from the exact one, side by side."""
    keep = [i for i, name in enumerate(FIGURES) if name != "kl_to_reference"]
    exact = loop.run(steps=figures.shape[1] - 1)
    centre = np.stack([getattr(exact, FIGURES[i]) for i in keep], axis=1)
    centre = np.concatenate([centre, exact.group_proportions], axis=1)
    found = np.concatenate([figures[:, :, keep], groups], axis=2) - centre
    return np.concatenate([found, found**2], axis=1).reshape(len(found), -1)


def two_sample_p_value(loop, simulated):
    """Of as many counted runs as simulated ones: a proved bound, as all can be exchanged."""
    last = (simulated.sizes_by_step or (simulated.sizes,))[-1]
    each = [*sizes_of_loop(simulated, loop), last]
    counted = counted_runs(loop, each, simulated.replicates, np.random.default_rng(34))
    found = moments(loop, simulated.figures, simulated.groups)
    rates = log_rates(found, moments(loop, *counted), np.full(found.shape[1], 1e-12))
    return 2 * rates.size * math.exp(-rates.max())


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.error_rate(rate=RATE, null="both are runs of one loop", size="1,000 + 1,000 of 24")
def test_counted_runs_have_the_law_of_simulated_ones(name):
    """Of few samples, where the mean is far from that of many: means and second moments."""
    loop = CurationLoop(LAW, **LOOPS[name][0])
    sizes = {"n_generated": 24, "n_curated": 30, "replicates": 1_000}
    assert two_sample_p_value(loop, simulate_loop(loop, steps=2, rng=33, **sizes)) >= RATE


HALF = BestOf(100, keep=50, by="other")  # of these the scores above 1 are some half
NOISY = {
    "kept": (HALF, 400, 50, 2_000),
    "kept-by-voters": (Voters([(1.0, HALF), (0.0, RandomChoice())]), 400, 50, 2_000),
    "kept-last": (Stages([BestOf(1), HALF]), 400, 50, 2_000),
    "pool": (Stages([RandomChoice(), TopShare(0.6)]), 40, 40, 8_000),
}


@pytest.mark.parametrize("name", NOISY)
@pytest.mark.error_rate(rate=RATE, null="both are runs of one loop", size="2,000 + 2,000 or more")
def test_what_is_chosen_together_and_pools_of_stages_make_the_noise_they_do(name, monkeypatch):
    """The same loop with winners that are independent has the same means, and is found."""
    rule, n_generated, n_curated, runs = NOISY[name]
    loop = CurationLoop(LAW, rule=rule, lam=math.inf)
    sizes = {"n_generated": n_generated, "n_curated": n_curated, "replicates": runs}
    simulated = simulate_loop(loop, steps=1, rng=33, **sizes)
    assert two_sample_p_value(loop, simulated) >= RATE
    monkeypatch.setattr(counted_module, "kept_together", lambda rule: 1)
    monkeypatch.setattr(counted_module, "looks_at_all", lambda rule: False)
    assert two_sample_p_value(loop, simulated) < RATE


RULES = {
    "best": (BestOf(4), BestOf(3)),
    "kept": (BestOf(5, keep=2, by="other"), BestOf(5, keep=3, by="other")),
    "top-share": (TopShare(0.8), TopShare(0.75)),
    "accept": (Accept("chance"), BradleyTerry(math.inf, by="chance")),
    "preference": (PairwisePreference(CYCLE, "groups"), PairwisePreference(CYCLE.T, "groups")),
    "voters": (two(0.5), two(0.55)),
    "stages": (
        Stages([TopShare(0.7), BestOf(2, by="other")]),
        Stages([BestOf(2, by="other"), BestOf(2)]),
    ),
    "own": (WorseOfTwo(), BradleyTerry(2, scale=-2)),
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.error_rate(rate=2 * RATE, null="winners are independent, p_t H", size="2 x 40,000")
def test_winners_agree_and_those_of_a_near_rule_do_not(name):
    """At t = 0, and at t = 1 of a loop that accumulates; the number is enough for most."""
    rule, other = RULES[name]
    loop = CurationLoop(LAW, rule=rule, training=Accumulate())
    later = loop.run(steps=1).probs(1)
    for t, probs in enumerate((LAW.probs, later / later.sum())):
        found = curate(LAW, rule=rule, n_curated=40_002, probs=probs, rng=36 + t)
        assert_agrees(found, loop, t=t, alpha=RATE)
        wrong = curate(LAW, rule=other, n_curated=40_002, probs=probs, rng=38 + t)
        with pytest.raises(AssertionError, match=rf"winners disagree with p_{t} · H, rule = "):
            assert_agrees(wrong, loop, t=t)
        if t == 0:
            against = CurationLoop(LAW, rule=other, lam=1.0)
            needed = samples_needed(loop, against=against)
            assert needed * getattr(other, "keep", 1) < wrong.size


@pytest.mark.error_rate(rate=RATE, null="winners of the best two of five", size="2 x 20,000")
def test_those_that_were_kept_together_may_be_in_any_order():
    """Best first, too: of each group a random one is taken, and the first would be the best."""
    rule = BestOf(5, keep=2, by="other")
    winners = curate(LAW, rule=rule, n_curated=40_000, rng=47).reshape(-1, 2)
    score = LAW.scores["other"][winners]
    ordered = np.take_along_axis(winners, np.argsort(-score, axis=1), axis=1)
    loop = CurationLoop(LAW, rule=rule, lam=1.0)
    assert_agrees(ordered.ravel(), loop, alpha=RATE)
    with pytest.raises(AssertionError, match="of each 2 a random one"):
        assert_agrees(np.repeat(ordered[:, 0], 2), loop)


PROMPTED = RewardLaw(
    [0.0, 1.0, 2.0, 3.0, 1.0, 2.0, 0.0, 4.0],
    prompts="aaabbbcc",
    scores={"chance": [0.2, 0.0, 1.0, 0.5, 0.5, 0.1, 0.0, 0.0], "other": np.arange(8.0) % 3},
)


@pytest.mark.error_rate(rate=3 * RATE, null="winners within prompts, p H", size="3 x 20,000 each")
def test_winners_within_prompts():
    """Voters of two scores; the best few, in groups; and a prompt that is taken out."""
    drop = Accept("chance", none="drop")
    for rule in (two(0.5), BestOf(4, keep=2, by="other"), drop):
        loop = CurationLoop(PROMPTED, rule=rule, lam=1.0)
        law = RewardLaw(
            PROMPTED.rewards[:6],
            prompts="aaabbb",
            scores={name: values[:6] for name, values in PROMPTED.scores.items()},
        )
        given = law if rule is drop else PROMPTED
        assert_agrees(curate(given, rule=rule, n_curated=20_000, rng=40), loop, alpha=RATE)
        if rule is not drop:  # which accepts within a prompt as it does among all
            pooled = RewardLaw(given.rewards, scores=given.scores)
            with pytest.raises(AssertionError, match="within prompts"):
                assert_agrees(curate(pooled, rule=rule, n_curated=20_000, rng=41), loop)
    with pytest.raises(AssertionError, match="winners of prompts such as 'c', expected none"):
        assert_agrees([0, 2, 7], CurationLoop(PROMPTED, rule=drop, lam=1.0))


@pytest.mark.error_rate(rate=2 * RATE, null="runs within prompts", size="10 runs of 3 x 5,000")
def test_runs_within_prompts():
    drop = Accept("chance", none="drop")
    for rule, other in ((two(0.5), two(0.6)), (drop, Stages([drop, BestOf(2)]))):
        loop, wrong = (CurationLoop(PROMPTED, rule=one, lam=2.0) for one in (rule, other))
        sizes = {"steps": 2, "n_generated": 5_000, "replicates": 10}
        assert_agrees(simulate_loop(loop, rng=42, **sizes), loop, alpha=RATE)
        with pytest.raises(AssertionError, match="the trajectory disagrees"):
            assert_agrees(simulate_loop(wrong, rng=43, **sizes), loop)


def people(rule, atoms, rng):
    """Choose as the words say, from candidates in rows; positions, shape (n,)."""
    n, K = atoms.shape
    if isinstance(rule, Voters):
        voter = rng.choice(len(rule.voters), size=n, p=[share for share, _ in rule.voters])
        votes = np.array([people(of, atoms, rng) for _, of in rule.voters])
        return votes[voter, np.arange(n)]
    if isinstance(rule, Stages):
        *earlier, last = rule.rules
        if not earlier:
            return people(last, atoms, rng)
        parts = np.split(np.arange(K), int(last.most_candidates))
        kept = np.array([part[people(Stages(earlier), atoms[:, part], rng)] for part in parts]).T
        which = people(last, np.take_along_axis(atoms, kept, axis=1), rng)
        return kept[np.arange(n), which]
    if isinstance(rule, PairwisePreference):
        groups = LAW.group_index[atoms]
        return (rng.random(n) > rule.matrix[groups[:, 0], groups[:, 1]]).astype(int)
    if isinstance(rule, BradleyTerry | BestOf):
        column = (LAW.rewards if rule.by is None else LAW.scores[rule.by])[atoms]
        if isinstance(rule, BradleyTerry):
            return (rule.scale * column + rng.gumbel(size=(n, K))).argmax(axis=1)
        order = np.lexsort((rng.random((n, K)), -column), axis=1)
        return order[np.arange(n), rng.integers(rule.keep, size=n)]
    if isinstance(rule, WorseOfTwo):
        return people(BradleyTerry(2, scale=-1e9), atoms, rng)
    return rng.integers(K, size=n)


LOGS = {
    "by-score": (BradleyTerry(4, 1.0, "other"), BradleyTerry(4, 1.1, "other")),
    "wrong-score": (BradleyTerry(4, 1.0, "other"), BradleyTerry(4)),
    "best": (BestOf(4), BradleyTerry(4, scale=3.0)),
    "kept": (BestOf(5, keep=2), BestOf(5)),
    "kept-more": (BestOf(5, keep=3), BestOf(5, keep=2)),
    "preference": (PairwisePreference(CYCLE, "groups"), PairwisePreference(CYCLE.T, "groups")),
    "voters": (two(0.5, 2), two(0.55, 2)),
    "clicks": (
        Voters([(0.9, BestOf(4)), (0.1, RandomChoice())]),
        Voters([(0.87, BestOf(4)), (0.13, RandomChoice())]),
    ),
    "stages": (
        Stages([BestOf(2), BradleyTerry(3, by="other")]),
        Stages([BestOf(3), BradleyTerry(2, by="other")]),
    ),
    "soft-stages": (
        Stages([BradleyTerry(2), BradleyTerry(2, by="other")]),
        Stages([BradleyTerry(2, by="other"), BradleyTerry(2)]),
    ),
    "own": (WorseOfTwo(), BestOf(2)),
}


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.error_rate(rate=RATE, null="choices by the rule, given what was shown", size="20,000")
def test_logs_of_a_rule_agree_and_those_of_a_near_one_do_not(name):
    rule, other = LOGS[name]
    rng = np.random.default_rng(44)
    atoms = rng.integers(0, LAW.size, size=(20_000, int(rule.most_candidates)))
    assert assert_choices(atoms, people(rule, atoms, rng), rule=rule, law=LAW, alpha=RATE) == 1.0
    with pytest.raises(AssertionError, match="choices disagree with"):
        assert_choices(atoms, people(other, atoms, rng), rule=rule, law=LAW)


@pytest.mark.error_rate(rate=RATE, null="the best two of five, both kept", size="5,000")
def test_all_that_were_kept_may_be_given():
    rng = np.random.default_rng(45)
    shown = rng.normal(size=(5_000, 5)).round(1)
    order = np.lexsort((rng.random(shown.shape), -shown), axis=1)
    rule = BestOf(5, keep=2)
    assert_choices(shown, order[:, :2], rule=rule, alpha=RATE)
    with pytest.raises(AssertionError, match="which the rule never does there"):
        assert_choices(shown, order[:, 1:3], rule=rule)


def test_rows_of_few_candidates_are_those_of_their_probabilities():
    """The sampler of this file against the probabilities: both say the same of ten choices."""
    rule = Stages([BestOf(2), PairwisePreference(CYCLE, "groups")])
    atoms = np.tile([[0, 2, 3, 4]], (200_000, 1))
    found = np.bincount(people(rule, atoms, np.random.default_rng(46)), minlength=4) / 200_000
    probs = np.exp(log_choice_probs(rule, LAW, atoms[:1]))[0]
    assert found == pytest.approx(probs, abs=0.008)  # seven standard errors


def generated(seed, rule, retained):
    """A plain loop in a few lines: frequencies, people, and training sets that are put together."""
    rng = np.random.default_rng(seed)
    model, history = LAW.probs, []
    for _ in range(3):
        samples = rng.choice(LAW.size, 4_000, p=model)
        history.append(samples)
        shown = rng.choice(samples, size=(3_000, int(rule.most_candidates)))
        winners = shown[np.arange(3_000), people(rule, shown, rng)]
        kept = rng.choice(samples, retained)
        real = rng.choice(LAW.size, 2_000, p=LAW.probs)
        training = np.concatenate([winners, kept, real])
        model = np.bincount(training, minlength=LAW.size) / training.size
    return history


@pytest.mark.error_rate(rate=2 * RATE, null="runs of the loop", size="20 runs of 4,000, 2 steps")
def test_runs_of_a_loop_of_ones_own():
    sizes = {"n_curated": 3_000, "n_real": 2_000, "n_retained": 1_000}
    for rule, wrong in ((two(0.5, 2), (two(0.65, 2), 1_000)), (BestOf(3), (BestOf(3), 0))):
        loop = CurationLoop(LAW, rule=rule, lam=2.0, retained=0.25)
        right, other = (
            measured([generated(seed, *how) for seed in range(20)], loop, **sizes)
            for how in ((rule, 1_000), wrong)
        )
        assert_agrees(right, loop, alpha=RATE)
        with pytest.raises(AssertionError, match="the trajectory disagrees"):
            assert_agrees(other, loop)
