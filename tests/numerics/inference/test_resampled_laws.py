"""Bands of estimated rewards: the loops on the laws that an estimate gives, as they come."""

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, choose
from recurate.numerics.inference import resampled_laws
from recurate.numerics.inference.bootstrap import bootstrap_bands, require_bounded
from recurate.numerics.inference.resampled_tables import expanded
from recurate.numerics.laws.levels import FIGURES

STEPS = 3
GROUPS, PROMPTS = list("abcabc"), list("xxxyyy")


def law_of(seed, width=1.0):
    draw = np.random.default_rng(seed)
    masses = draw.random(6)
    return RewardLaw(
        draw.normal(size=6),
        masses / masses.sum(),
        GROUPS,
        scores={"s": width * draw.normal(size=6)},
    )


class Given:
    """Estimates that give these laws, whatever is drawn."""

    resamples_atoms = True

    def __init__(self, laws, units):
        self.given, self.number = laws, units

    def what(self, law):
        return "things"

    def units(self, law):
        return self.number

    def laws(self, law, replicates, generator):
        yield from self.given


def bands_of(laws, units=1e9, **asked):
    own = law_of(0)
    loop = CurationLoop(own, K=3, lam=2.0)
    run = loop.run(steps=STEPS)
    estimates = Given(laws, units)
    return bootstrap_bands(
        loop, run, replicates=len(laws), rng=0, estimates=estimates, **asked
    ), run


def test_the_law_itself_has_bands_without_width():
    bands, run = bands_of([law_of(0)] * 5)
    for name in FIGURES:
        assert bands.low[name].tolist() == getattr(run, name).tolist()
        assert bands.high[name].tolist() == getattr(run, name).tolist()
    assert (bands.low_proportions == run.group_proportions).all()
    assert (bands.high["score[s]"] == run.expected_scores[:, 0]).all()
    assert (bands.failed, bands.resampled) == (0, "things")


def test_bands_of_few_laws_are_the_range_of_their_own_loops():
    laws = [law_of(seed, width=100.0) for seed in (1, 2, 3)]
    bands, _ = bands_of(laws, groups=[2, 0])
    runs = [CurationLoop(law, K=3, lam=2.0).run(steps=STEPS) for law in laws]
    for name in FIGURES:
        found = [getattr(run, name) for run in runs]
        assert bands.low[name] == pytest.approx(np.min(found, axis=0), abs=1e-12)
        assert bands.high[name] == pytest.approx(np.max(found, axis=0), abs=1e-12)
    shares = [run.group_proportions[:, [2, 0]] for run in runs]
    assert bands.low_proportions == pytest.approx(np.min(shares, axis=0), abs=1e-12)
    # Scores of these laws leave the range of the law's own: they are not cut off there.
    means = np.array([run.expected_scores[:, 0] for run in runs])
    assert bands.low["score[s]"] == pytest.approx(means.min(axis=0), abs=1e-12)
    assert bands.high["score[s]"] == pytest.approx(means.max(axis=0), abs=1e-12)
    assert np.abs(means).max() > np.abs(law_of(0).scores["s"]).max()


def test_samples_without_a_law_are_counted_and_left_out():
    laws = [law_of(seed) for seed in range(45)]
    whole, _ = bands_of(laws)
    parts, _ = bands_of([None, *laws[:20], None, None, *laws[20:]])
    assert (whole.failed, parts.failed, parts.replicates) == (0, 3, 48)
    for name in FIGURES:
        assert (whole.low[name] == parts.low[name]).all()
    # 39 of those that are left have no 2.5%.
    few, _ = bands_of([*laws[:39], *[None] * 6])
    assert (parts.level, few.level, few.failed) == (0.95, None, 6)


@pytest.mark.parametrize("left", [0, 1])
def test_one_law_that_is_left_is_no_sample(left):
    none = f"{5 - left} of 5 resamples of the things give none"
    with pytest.raises(ValueError, match=f"at least 2 resamples that give rewards; {none}"):
        bands_of([law_of(1)] * left + [None] * (5 - left))


def test_few_units_hold_more_of_the_laws():
    laws = [law_of(seed) for seed in range(200)]
    few, many = bands_of(laws, units=8.0)[0], bands_of(laws)[0]
    means = [CurationLoop(law, K=3, lam=2.0).run(steps=0).expected_reward[0] for law in laws]
    for bands, units in ((few, 8.0), (many, 1e9)):
        held = expanded(0.95, units)
        ends = np.quantile(means, [(1 - held) / 2, (1 + held) / 2])
        found = bands.low["expected_reward"][0], bands.high["expected_reward"][0]
        assert found == pytest.approx(tuple(ends), abs=1e-12)
    assert bands_of(laws, units=3.0)[0].level is None
    with pytest.raises(ValueError, match="bands need at least 2 of what rewards are estimated"):
        bands_of(laws, units=1.0)


def test_laws_of_other_atoms_are_refused():
    for other in (RewardLaw([0.0, 1.0]), RewardLaw(np.arange(6.0), groups=GROUPS)):
        with pytest.raises(ValueError, match="resampled laws must have the atoms, groups"):
            bands_of([other, other])


def test_progress_is_in_steps_of_one_run():
    done = []
    bands_of([law_of(1)] * 4, on_step=done.append)
    assert done == [0, 1, 2, 3]


def test_very_much_work_is_refused_before_it_begins():
    most = resampled_laws.MOST_ATOM_STEPS // (100_000 * 101)
    require_bounded(most, 100, 5, atoms=100_000)
    with pytest.raises(ValueError, match=rf"ask for at most {most:,} resamples, or fewer steps"):
        require_bounded(most + 1, 100, 5, atoms=100_000)
    with pytest.raises(ValueError, match="ask for no bands"):
        require_bounded(2, 100, 5, atoms=10**9)


def test_the_share_of_laws_with_the_same_best_atom():
    own = law_of(0)
    best = int(np.argmax(own.rewards))
    other = np.where(np.arange(6) == (best + 1) % 6, 99.0, own.rewards)
    laws = [RewardLaw(r, own.probs, GROUPS, scores=own.scores) for r in (own.rewards, other)]
    assert bands_of([laws[0], *[laws[1]] * 3])[0].same_best == 0.25
    loop = CurationLoop(own, K=3, lam=2.0)
    assert bootstrap_bands(loop, loop.run(steps=1), replicates=2, rng=0).same_best is None


@pytest.mark.parametrize("prompts", [None, PROMPTS])
@pytest.mark.parametrize(
    "asked",
    [
        {"K": 3, "max_kl": 0.02},
        {"K": 3, "max_kl": 0.05, "steps": 2},
        {"K": 3, "group": "a", "max_share": 0.45, "steps": 3},
        {"lam": 1.0, "max_kl": 0.02},
    ],
)
def test_ranges_are_what_the_exact_search_says_of_each_law(prompts, asked):
    draw = np.random.default_rng(7)
    near = np.array([0.0, 1.0, 0.4, 0.2, 1.2, 0.7])
    laws = [
        RewardLaw(near + 0.2 * draw.normal(size=6), groups=GROUPS, prompts=prompts)
        for _ in range(4)
    ]
    estimates = Given([laws[1], None, laws[2], laws[3]], units=1e9)
    found = choose(laws[0], **asked, replicates=4, rng=0, estimates=estimates)
    each = [choose(law, **asked) for law in laws]
    name = "K" if "lam" in asked else "lam"
    assert getattr(found, name) == getattr(each[0], name)
    expected = sorted(getattr(choice, name) for choice in each[1:])
    assert found.resampled == pytest.approx(expected, rel=2e-3)
    assert (found.failed, found.what, found.level) == (1, "things", None)


def test_ranges_of_one_law_that_is_left_are_refused():
    law = law_of(0)
    asked = {"K": 3, "max_kl": 0.02, "replicates": 3, "rng": 0}
    with pytest.raises(
        ValueError, match="ranges need at least 2 resamples that give rewards; 2 of"
    ):
        choose(law, **asked, estimates=Given([law, None, None], 1e9))
    with pytest.raises(ValueError, match="ranges need at least 2 of what rewards are estimated"):
        choose(law, **asked, estimates=Given([law] * 3, 1.0))
