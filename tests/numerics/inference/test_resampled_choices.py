"""Ranges of choices: resampled tables in lockstep against the exact search on each of them."""

import math

import numpy as np
import pytest

from recurate import RewardLaw, choose
from recurate.numerics.inference import choosing, resampled_choices
from recurate.numerics.inference.limits import CANDIDATES, HORIZON, MIXINGS, Limit
from recurate.numerics.inference.resampled_choices import _Tables, choices
from recurate.numerics.inference.resampled_tables import ManyLaws, binned, tails
from recurate.numerics.inference.search import Search

ROWS = 30  # so few have bins of their own, in order of reward


def exactly(law, masses, found, limit):
    """What the exact search says of one resampled table; None if it says that it is too little."""
    there = masses > 0
    names = [law.group_names[i] for i in law.group_index[there]]
    table = RewardLaw(law.rewards[there], masses[there] / masses.sum(), groups=names)
    if limit.get("group") not in (None, *names):
        return "absent"
    try:
        choice = choose(table, **found, **limit)
    except ValueError as error:
        if "must leave the real data" in str(error) or "it allows less" in str(error):
            return None
        raise
    return choice.lam if choice.chosen == "lam" else choice.K


@pytest.mark.parametrize("found", [{"K": 2}, {"K": 40}, {"K": math.inf}, {"lam": 0.7}])
@pytest.mark.parametrize(
    "limit",
    [
        {"max_kl": 0.05},
        {"max_kl": 2.5},  # some tables allow any λ: their best row weighs more than e^-2.5
        {"max_kl": 0.2, "steps": 3},
        {"group": "a", "max_share": 0.45},
        {"group": "b", "min_share": 0.25, "steps": 4},
    ],
)
def test_each_table_in_lockstep_is_chosen_for_as_if_alone(found, limit, monkeypatch):
    monkeypatch.setattr(choosing, "LONG_HORIZON", HORIZON)  # for both; a thousand steps take long
    rng = np.random.default_rng(11)
    rewards = np.sort(3 * rng.random(ROWS))
    law = RewardLaw(rewards, groups=["a", "b", "c"] * (ROWS // 3))
    counts = rng.poisson(1.0, size=(3, ROWS)).astype(float)
    which = {name: value for name, value in limit.items() if name != "steps"}
    asked = Limit.of(
        law, which.pop("group", None), *map(which.get, ("max_kl", "max_share", "min_share"))
    )
    table = binned(law, () if asked.group is None else (asked.group,))
    assert table.rewards.tolist() == pytest.approx(rewards.tolist())
    engine = ManyLaws(table.rewards, found.get("K", CANDIDATES[-1]), every=2)
    tables = _Tables(table, engine, counts, asked, limit.get("steps"), HORIZON)
    K, lam = found.get("K"), found.get("lam")
    mine = tables.mixings(K) if K is not None else tables.candidates(lam)
    for row, value in zip(counts, mine, strict=True):
        alone = exactly(law, row, found, limit)
        if alone is None:
            assert value == (0 if lam is None else 1)
        elif alone != "absent":
            assert value == pytest.approx(alone, rel=2e-3 if lam is None else 0)


def test_a_table_in_bins_is_as_good_as_exact():
    # 2,000 rows in some 350 bins; the exact search is given no start, as for laws with a density.
    law = RewardLaw(np.random.default_rng(1).normal(size=2_000), groups=["a", "b"] * 1_000)
    for limit in (Limit("kl", 0.1, None), Limit("max_share", 0.55, 0)):
        (guess,) = choices(law, limit, K=4, lam=None, steps=4, replicates=0)
        exact = Search(law, limit, 4, False, None).mixing(4)
        assert guess == pytest.approx(exact, rel=1e-3)
        assert Search(law, limit, 4, False, None).mixing(4, guess) == pytest.approx(exact, rel=2e-9)


@pytest.mark.parametrize("guess", [1e-3, 0.5, 1.0, 30.0, math.inf, 0.0, None])
def test_a_wrong_start_costs_time_and_nothing_else(guess):
    law = RewardLaw([0.0, math.log(2.0)], [2 / 3, 1 / 3])
    # At λ = 2 and K = 2 half of the mass is at each (`test_choosing`).
    limit = Limit("kl", 0.5 * math.log(3 / 4) + 0.5 * math.log(3 / 2) + 1e-12, None)
    assert Search(law, limit, 0, True, None).mixing(2, guess) == pytest.approx(2.0, rel=1e-8)
    guess = None if guess is None else max(1.0, min(guess, 9.0) // 1)
    assert Search(law, limit, 0, True, None).candidates(2.0, guess) == 2


def test_the_range_of_a_choice():
    law = RewardLaw(np.random.default_rng(0).random(400))
    found = choose(law, K=4, max_kl=0.02, replicates=100, rng=3)
    assert found.resampled.shape == (100,)
    assert (np.diff(found.resampled) >= 0).all()
    assert not found.resampled.flags.writeable
    assert found.lam_range == tuple(tails(found.resampled, 0.95, outward=True))
    assert found.lam_range[0] < found.lam < found.lam_range[1]
    assert (found.candidates_range, found.level) == (None, 0.95)
    again = choose(law, K=4, max_kl=0.02, replicates=100, rng=3)
    assert (found.resampled == again.resampled).all()
    assert found == choose(law, K=4, max_kl=0.02)  # the answer does not depend on it
    few = choose(law, K=4, max_kl=0.02, replicates=39, rng=3)
    assert few.level is None
    assert few.lam_range == (few.resampled[0], few.resampled[-1])
    without = choose(law, K=4, max_kl=0.02)
    assert (without.lam_range, without.level, without.lean) == (None, None, None)


def test_tables_that_allow_everything_or_nothing_count():
    # Two rows of ten are a's: a table without them, of which there are e^-2 = 13.5%, is beyond the
    # limit itself; one that allows any λ has more of them than b can take over.
    law = RewardLaw([1.0] * 2 + [0.0] * 8, groups="aabbbbbbbb")
    found = choose(law, K=2, group="a", min_share=0.01, replicates=400, rng=0)
    nothing = np.count_nonzero(found.resampled == 0)
    assert abs(nothing / 400 - math.exp(-2)) < 6 * math.sqrt(math.exp(-2) / 400)
    assert nothing + np.count_nonzero(found.resampled == math.inf) == 400
    assert found.lam_range == (0.0, math.inf)
    by_candidates = choose(law, lam=1.0, group="a", min_share=0.01, replicates=100, rng=0)
    assert by_candidates.candidates_range == (1.0, math.inf)
    assert by_candidates.lam_range is None


def test_blocks_of_tables(monkeypatch):
    law = RewardLaw(np.random.default_rng(2).random(50))
    limit = Limit("kl", 0.05, None)
    numbers = []
    monkeypatch.setattr(resampled_choices, "BLOCK_ENTRIES", 500)
    found = choices(
        law,
        limit,
        K=3,
        lam=None,
        steps=None,
        replicates=40,
        generator=np.random.default_rng(5),
        on_table=lambda: numbers.append(1),
    )
    assert len(numbers) > 3
    monkeypatch.undo()
    whole = choices(
        law, limit, K=3, lam=None, steps=None, replicates=40, generator=np.random.default_rng(5)
    )
    np.testing.assert_allclose(found, whole, rtol=1e-5)


def test_a_law_that_is_no_sample_has_no_range():
    law = RewardLaw.from_density(np.ones_like, support=(0, 1), of="weight")
    with pytest.raises(ValueError, match="law must be that of a table's rows"):
        choose(law, K=4, max_kl=2.0, replicates=50)
    with pytest.raises(ValueError, match="replicates must be an integer of at least 2; got 1"):
        choose(RewardLaw([0.0, 1.0]), K=4, max_kl=0.1, replicates=1)


def test_free_fraction():
    # p_t = (1 - a) p_ref + a q: a share of .3 is at most .3 + .7 a.
    at_most = Limit("max_share", 0.65, 0)
    assert at_most.free_fraction(0.3) == pytest.approx(0.5)
    assert Limit("min_share", 0.15, 0).free_fraction(0.3) == pytest.approx(0.5)
    assert Limit("max_share", 1.0, 0).free_fraction(0.3) == 1.0
    assert Limit("kl", 0.1, None).free_fraction(0.0) == 0.0
    # K = inf and one row of the group at the top: its share is all that there is to take over.
    law = RewardLaw([0.0, 50.0], [0.7, 0.3], groups="ab")
    found = choose(law, K=math.inf, group="b", max_share=0.65, steps=1)
    assert found.lam == pytest.approx(1.0, rel=1e-8)
    assert MIXINGS[0] < found.lam < MIXINGS[-1]
