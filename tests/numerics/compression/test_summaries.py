"""Summaries of rewards: what is kept depends on the rows alone, however they are split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate import CurationLoop, RewardLaw, Summary, bootstrap_bands, choose, law_of_parts
from recurate.numerics.compression import compressor, lattice, summing
from recurate.numerics.compression.compressor import CompressionError
from recurate.numerics.compression.summary import SummaryBuilder
from recurate.numerics.inference.trust import (
    effective_sample_sizes,
    fixed_point_trust,
    trusted_until,
)
from recurate.numerics.laws.levels import FIGURES
from recurate.rules import BestOf, BradleyTerry, TopShare

INF = float("inf")

KINDS = (
    "normal",
    "uniform",
    "ties",
    "cauchy",
    "clusters",
    "tiny",
    "huge",
    "far top",
    "exponential",
)


def drawn(kind, size, rng):
    """Return rewards of some shape: spread evenly, heavily tied, far apart, or at one place."""
    z = rng.normal(size=size)
    return {
        "normal": z,
        "uniform": rng.uniform(-1.0, 3.0, size),
        "ties": rng.integers(-3, 300, size) / 4,
        "cauchy": rng.standard_cauchy(size),
        "clusters": z * 1e-6 + rng.integers(0, 3, size) * 1e5,
        "tiny": z * 1e-300,
        "huge": 1e300 + 0 * z,
        "far top": np.where(rng.random(size) < 0.1, 1e9 + z, -np.abs(z)),
        "exponential": -(rng.exponential(size=size) ** 3),
    }[kind]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few rewards are kept, so that few rows make bins."""
    monkeypatch.setattr(lattice, "KEPT_TOP", 40)
    monkeypatch.setattr(lattice, "KEPT_BOTTOM", 8)
    monkeypatch.setattr(lattice, "KEPT_OF_PROMPTS", 120)


def assert_same(one, other, scale=1.0):
    """Assert that two summaries are the same, and their sums but for rounding."""
    a, b = one.content, other.content
    assert (a.rows, a.bins) == (b.rows, b.bins)
    assert [set(n or ()) for n in a.names] == [set(n or ()) for n in b.names]
    np.testing.assert_array_equal(a.score_ends, b.score_ends)
    for field in ("coarsest", "finest", "bits"):
        assert getattr(a.frame, field) == getattr(b.frame, field), field
    groups, prompts = (
        np.array([there.index(name) for name in here or ()] or [0])
        for here, there in zip(a.names[:2], b.names[:2], strict=True)
    )
    order = np.argsort(prompts)
    for ends in ("upper", "lower"):
        np.testing.assert_array_equal(
            getattr(a.frame, ends)[order], getattr(b.frame, ends)[np.sort(prompts)]
        )
    for ours, theirs in ((a.kept, b.kept), (a.binned, b.binned)):
        ours = ours._replace(prompts=prompts[ours.prompts], groups=groups[ours.groups]).reduced()
        for column in ("prompts", "groups", "places", "levels"):
            np.testing.assert_array_equal(getattr(ours, column), getattr(theirs, column))
        np.testing.assert_array_equal(ours.sums[0], theirs.sums[0])  # the rows
        # Moments are at most the mass times 2^-k: rounding of each addition, and of each shift.
        largest = theirs.sums[2] * scale
        assert (np.abs(ours.sums - theirs.sums) <= 1e-12 * np.maximum(largest, 1e-300)).all()


@given(
    st.sampled_from(KINDS),
    st.integers(0, 2**32),
    st.integers(1, 6),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_summary_does_not_depend_on_how_rows_are_split(
    kind, seed, pieces, with_groups, with_prompts, sorts
):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 3000))
    rewards = drawn(kind, size, rng)
    if sorts:
        rewards = np.sort(rewards)
    columns = {"rewards": rewards}
    if with_groups:
        columns["groups"] = rng.integers(0, 3, size)
    if with_prompts:
        columns["prompts"] = rng.integers(0, 4, size)
    scores = np.where(rng.random(size) < 0.2, np.nan, rng.normal(size=size))

    def of(rows):
        chosen = {name: column[rows] for name, column in columns.items()}
        return Summary.of(**chosen, scores={"s": scores[rows]}, bins=64)

    whole = of(np.arange(size))
    cuts = np.sort(rng.integers(0, size + 1, pieces - 1))
    parts = [of(rows) for rows in np.split(rng.permutation(size), cuts)]
    while len(parts) > 1:  # any tree
        some = sorted(rng.choice(len(parts), 2, replace=False).tolist(), reverse=True)
        first, second = (parts.pop(i) for i in some)
        parts.append(first.merged(second))
    assert_same(parts[0], whole, scale=10.0)  # a score is up to 5


@given(
    st.sampled_from(KINDS),
    st.integers(0, 2**32),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_builder_has_the_summary_of_its_rows(
    kind, seed, with_groups, with_prompts, with_weights, sorts
):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 4000))
    rewards = drawn(kind, size, rng)
    columns = {"rewards": np.sort(rewards) if sorts else rewards}
    if with_groups:
        columns["groups"] = rng.integers(0, 3, size)
    if with_prompts:  # then no rows are summed in arrays
        columns["prompts"] = rng.integers(0, 4, size)
    if with_weights:
        columns["weights"] = rng.integers(0, 3, size) / 2  # some are 0
    scores = np.where(rng.random(size) < 0.2, np.nan, rng.normal(size=size))
    whole = Summary.of(**columns, scores={"s": scores}, bins=64)
    with pytest.MonkeyPatch.context() as patch:  # most rows come after the first bins are known
        patch.setattr(summing, "_WAITING", 150)
        patch.setattr(summing, "_CHUNK", 64)
        patch.setattr(summing, "_BLOCK", 400)
        patch.setattr(summing, "_MANY", 30)
        builder = SummaryBuilder(bins=64)
        for rows in np.array_split(np.arange(size), 5):
            part = {name: column[rows] for name, column in columns.items()}
            builder.add(**part, scores={"s": scores[rows]})
    assert_same(builder.summary(), whole, scale=10.0)  # a score is up to 5


def test_most_rows_are_summed_in_arrays():
    # Else the tests above would not see `DenseSums`.
    rng = np.random.default_rng(0)
    rewards = rng.normal(size=4000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summing, "_CHUNK", 500)
        builder = SummaryBuilder(bins=256)
        builder.add(rewards[:1000])
        builder.summary()
        builder.add(rewards[1000:])
        dense = builder._sums._dense
    assert dense is not None
    assert dense.table().sums[0].sum() > 2500


def test_what_is_kept_and_how_wide_bins_are():
    rewards = np.linspace(0.0, 1.0, 10_001)
    content = Summary.of(rewards, bins=64).content
    np.testing.assert_array_equal(content.kept.places[-40:], rewards[-40:])
    np.testing.assert_array_equal(content.kept.places[:8], rewards[:8])
    assert content.kept.size == 48
    # 64 cells of 2^-6 from 0 to 1, and the one that begins at 1: one too many.
    assert content.frame.coarsest == 5
    widths, places = np.ldexp(1.0, -content.binned.levels), content.binned.places
    assert widths.max() <= 2.0**-5
    distances = rewards[-41] - places
    assert (widths <= np.maximum(distances / 2**8, 2.0**-30)).all()
    # No two bins overlap, and no row is lost.
    assert (places[1:] >= places[:-1] + widths[:-1]).all()
    assert content.binned.sums[0].sum() + 48 == 10_001


def test_a_far_outlier_does_not_make_bins_wide():
    rewards = np.random.default_rng(0).random(5000)
    alone = Summary.of(rewards, bins=256)
    far = Summary.of(np.append(rewards, [1e9, -1e9]), bins=256)
    assert far.content.frame.coarsest >= alone.content.frame.coarsest - 1


def test_weights_and_zero_weights():
    summary = Summary.of([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 4.0, 0.0], ["a", "b", "a", "c"])
    law = summary.law()
    assert summary.rows == law.rows == 4
    assert law.rewards.tolist() == [0.0, 1.0, 2.0]
    assert law.probs.tolist() == [0.125, 0.375, 0.5]
    assert law.group_names == ("a", "b")
    np.testing.assert_allclose(law.atom_rows.squares, law.probs**2, rtol=1e-15)
    with pytest.raises(ValueError, match="none of 2 is"):
        Summary.of([0.0, 1.0], [0.0, 0.0]).law()


def test_one_reward_and_no_sign_of_zero():
    law = Summary.of([-0.0, 0.0, 0.0]).law()
    assert law.size == 1
    assert str(law.rewards[0]) == "0.0"
    assert law.atom_rows.counts.tolist() == [3.0]
    assert law.probs.tolist() == [1.0]


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float32, bool])
def test_types_of_rewards(dtype):
    rewards = np.array([0, 1, 1, 0, 1]).astype(dtype)
    law = Summary.of(rewards).merged(Summary.of(rewards.astype(float))).law()
    assert law.rewards.tolist() == [0.0, 1.0]
    assert law.atom_rows.counts.tolist() == [4.0, 6.0]


def test_groups_and_scores_are_joined_by_name():
    one = Summary.of([0.0, 1.0], groups=["a", "b"], scores={"x": [1.0, 2.0]})
    other = Summary.of([1.0, 2.0], groups=["b", "c"], scores={"y": [5.0, 7.0]})
    law = one.merged(other).law()
    assert law.group_names == ("a", "b", "c")
    # x over the first part's rows, y over the second's; each score has half of every atom's mass.
    run = CurationLoop(law, K=4, lam=1.0).run(steps=0)
    assert run.score_names == ("x", "y")
    np.testing.assert_allclose(run.expected_scores[0], [1.5, 6.0], rtol=1e-15)
    np.testing.assert_allclose(run.group_proportions[0], [0.25, 0.5, 0.25], rtol=1e-15)


def test_each_prompts_best_reward_is_kept():
    rng = np.random.default_rng(0)
    prompts, rewards = rng.integers(0, 50, 5000), rng.normal(size=5000)
    law = Summary.of(rewards, prompts=prompts, bins=512).law()
    assert law.atom_rows.are_binned
    of = [law.prompt_names.index(z) for z in range(50)]
    np.testing.assert_array_equal(
        law.prompt_best[of], [rewards[prompts == z].max() for z in range(50)]
    )
    np.testing.assert_allclose(law.prompt_probs[of], np.bincount(prompts) / 5000, rtol=1e-13)
    equal = Summary.of(rewards, prompts=prompts, bins=512).law(prompt_weights="equal")
    for other in (equal, equal.coarser, equal.tied):
        np.testing.assert_allclose(other.prompt_probs, 1 / 50, rtol=1e-13)
    alone = law.prompt(7)
    np.testing.assert_allclose(alone.atom_rows.counts.sum(), (prompts == 7).sum(), rtol=1e-13)


def test_too_many_groups_for_the_bins():
    names = np.arange(600)  # of at most 8 times 64 bins
    with pytest.raises(ValueError, match=r"600 prompts and groups; got room for 512: ask for bins"):
        Summary.of(np.linspace(0, 1, 600), groups=names, bins=64)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([0.0, np.nan],), "rewards must be finite"),
        (([0.0, np.inf],), "rewards must be finite"),
        (([[0.0, 1.0]],), "one-dimensional"),
        (([0.0, 2e12],), "rewards must span at most 1e"),
        (([0.0], [1.0, 2.0]), "weights must have one entry per reward"),
        (([0.0, 1.0], [1.0, -1.0]), "weights must be 0, or from 1e-100 to 1e"),
        (([0.0, 1.0], [1.0, 1e-200]), "weights must be 0, or from 1e-100 to 1e"),
        (([0.0], None, ["a", "b"]), "groups must have one entry"),
        (([0.0], None, [""]), "groups, position 0: must be a label"),
    ],
)
def test_bad_rows(arguments, said):
    builder = SummaryBuilder()
    builder.add([1.0, 2.0], groups=["a", "b"] if len(arguments) == 3 else None)
    before = repr(builder.summary())
    with pytest.raises(ValueError, match=said):
        builder.add(*arguments)
    assert repr(builder.summary()) == before  # nothing has been added


def test_the_span_of_a_summary_that_was_added_counts():
    builder = SummaryBuilder()
    builder.add_part(Summary.of([0.0]))
    with pytest.raises(ValueError, match="rewards must span at most 1e"):
        builder.add([2e12])
    assert builder.summary().rows == 1  # nothing has been added


def test_parts_must_be_alike():
    with pytest.raises(ValueError, match="groups, or none; got groups in 1 of 2"):
        Summary.of([0.0]).merged(Summary.of([0.0], groups=["a"]))
    builder = SummaryBuilder()
    builder.add([0.0], prompts=["a"])
    with pytest.raises(ValueError, match="prompts, or none; got none after 1 rows with"):
        builder.add([0.0])
    with pytest.raises(ValueError, match="bins must be an integer from 64"):
        Summary.of([0.0], bins=3)
    with pytest.raises(ValueError, match="span at most"):
        Summary.of([0.0]).merged(Summary.of([1e13]))


@pytest.mark.parametrize("first", [0, 1])
def test_the_fewest_bins_of_any_part_are_had(first):
    parts = [Summary.of(np.linspace(0, 1, 5000), bins=512), np.linspace(1, 2, 5000)]
    law = law_of_parts([parts[first], parts[1 - first]], bins=64)
    assert law.content.bins == 64
    assert law.content.frame.coarsest < 6


@pytest.mark.parametrize("of_none", [{"groups": []}, {"prompts": []}, {}])
def test_a_part_without_rows_decides_nothing(of_none):
    builder = SummaryBuilder()
    builder.add([], **of_none)
    builder.add([1.0, 2.0])
    assert builder.summary().names[:2] == (None, None)
    builder = SummaryBuilder()
    builder.add([], **of_none)
    builder.add([1.0, 2.0], groups=["a", "b"], prompts=["x", "x"])
    assert builder.summary().names[:2] == (("a", "b"), ("x",))


def test_law_of_parts_takes_what_may_be_a_part():
    rng = np.random.default_rng(0)
    one, two, three = (rng.normal(size=100) for _ in range(3))
    parts = iter([one, {"rewards": two}, Summary.of(three), RewardLaw([5.0, 5.0])])
    law = law_of_parts(parts)
    assert law.rows == 302
    everything = np.concatenate([one, two, three, [5.0]])
    np.testing.assert_array_equal(np.sort(law.rewards), law.rewards)
    assert law.max_reward == 5.0
    assert law.probs[-1] == pytest.approx(2 / 302, rel=1e-15)
    assert float(law.probs @ law.rewards) == pytest.approx((everything.sum() + 5.0) / 302)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"weights": [1.0]}, "part 1: a mapping must have rewards"),
        ({"rewards": [1.0], "reward": [1.0]}, "part 1: a mapping must have rewards"),
        (RewardLaw([0.0, 1.0], [0.2, 0.8]), "part 1: a law must have .* equal probability"),
        ([np.nan], "part 1: rewards must be finite"),
    ],
)
def test_law_of_parts_names_a_bad_part(part, said):
    with pytest.raises(ValueError, match=said):
        law_of_parts([[0.0], part])


def test_rules_do_not_read_scores_of_summarised_rows():
    law = Summary.of(np.linspace(0, 1, 500), scores={"x": np.linspace(1, 0, 500)}).law()
    with pytest.raises(ValueError, match="by must be None on a law of summarised rows"):
        CurationLoop(law, rule=BradleyTerry(4, by="x"), lam=1.0).run(steps=1)


def test_another_start_is_not_known_in_bins():
    law = Summary.of(np.linspace(0, 1, 3000), bins=64).law()
    with pytest.raises(ValueError, match="initial must be None on a law of summarised rows"):
        CurationLoop(law, K=4, lam=1.0).run(steps=1, initial=law.probs)


def test_other_rules_have_the_change_in_wider_bins_as_their_error():
    rewards = np.random.default_rng(0).normal(size=3000)
    law = Summary.of(rewards, bins=512).law()
    run = CurationLoop(law, rule=BestOf(4), lam=1.0).run(steps=5)
    full = CurationLoop(RewardLaw(rewards), rule=BestOf(4), lam=1.0).run(steps=5)
    error = max(np.abs(getattr(run, name) - getattr(full, name)).max() for name in FIGURES)
    assert 0 < error <= run.error_estimate < 1e-2


@pytest.mark.parametrize("rule", [BestOf(4), TopShare(0.3)], ids=["best", "top"])
def test_the_error_of_ranks_shows_where_many_rows_share_a_bin(rule):
    # No width of bins tells such rewards apart. In one bin each group, and each end of a score, has
    # atoms of its own, whose order is chance.
    rng = np.random.default_rng(3)
    rewards = rng.integers(0, 3, 3000) + rng.normal(size=3000) * 1e-12
    columns = {"groups": rng.integers(0, 3, 3000), "scores": {"x": rng.normal(size=3000)}}
    law = Summary.of(rewards, **columns).law()
    ours, full = (
        CurationLoop(of, rule=rule, lam=1.0).run(steps=3)
        for of in (law, RewardLaw(rewards, **columns))
    )
    order = [law.group_names.index(name) for name in full.law.group_names]
    error = np.abs(ours.group_proportions[:, order] - full.group_proportions).max()
    scores = np.ptp(columns["scores"]["x"])
    error = max(error, np.abs(ours.expected_scores - full.expected_scores).max() / scores)
    assert 1e-4 < error < ours.error_estimate
    assert law.tied.size == law.size
    assert np.unique(law.tied.rewards).size < 60  # 48 are kept


def test_bins_that_are_too_wide_are_told(monkeypatch):
    monkeypatch.setattr(lattice, "MOST_BITS", 3)
    rewards = np.random.default_rng(0).random(20_000)
    law = Summary.of(rewards, bins=64).law()
    loop = CurationLoop(law, K=INF, lam=INF)
    with pytest.raises(CompressionError, match="because of the summary's bins: summarise"):
        loop.run(steps=40, compress=True)
    with pytest.raises(CompressionError, match="because of the summary's bins"):
        loop.compressed(horizon=40)
    monkeypatch.setattr(compressor, "LEAST_LAW", 100)
    with pytest.warns(RuntimeWarning, match="bins are too wide for these figures"):
        run = loop.run(steps=40)
    assert run.error_estimate > 1e-10


def test_trust_and_bands_are_those_of_the_rows():
    rng = np.random.default_rng(0)
    rewards = np.round(rng.normal(size=4000), 2)
    loops = [
        CurationLoop(law, K=4, lam=1.0)
        for law in (Summary.of(rewards, bins=512).law(), RewardLaw(rewards))
    ]
    ours, theirs = (loop.run(steps=5) for loop in loops)
    np.testing.assert_allclose(
        effective_sample_sizes(ours), effective_sample_sizes(theirs), rtol=1e-6
    )
    assert trusted_until(ours) == trusted_until(theirs)
    for ours_of, theirs_of in zip(
        *(fixed_point_trust(loop.fixed_point()) for loop in loops), strict=True
    ):
        assert ours_of == pytest.approx(theirs_of, rel=1e-5)
    # The same bins of reward, up to where ranks fall in a bin of the summary.
    bands = [bootstrap_bands(*pair, rng=0) for pair in zip(loops, (ours, theirs), strict=True)]
    for name in FIGURES:
        widths = [of.high[name] - of.low[name] for of in bands]
        np.testing.assert_allclose(widths[0], widths[1], rtol=0.3, atol=1e-12)


@pytest.mark.parametrize("scored", [False, True])
def test_no_atom_is_beyond_the_rewards(scored, monkeypatch):
    # Noise of a thousandth of the narrowest bin's width, where rounding of its moments shows.
    monkeypatch.setattr(lattice, "KEPT_TOP", 1)
    rng = np.random.default_rng(0)
    rewards = 5.0 + rng.normal(size=40) * 1e-12
    scores = {"x": np.where(rng.random(40) < 0.2, np.nan, rng.normal(size=40))}
    law = Summary.of(rewards, scores=scores if scored else None).law()
    assert law.max_reward == rewards.max()
    assert law.rewards.min() == rewards.min()
    assert law.probs @ (law.rewards - 5.0) == pytest.approx(np.mean(rewards - 5.0), rel=1e-3)
    is_best = law.rewards == law.max_reward
    assert law.probs[is_best].sum() == pytest.approx(np.mean(rewards == rewards.max()))


def test_a_hundred_rows_are_not_fewer_by_rounding():
    # Seen: 1/Σp² was 99.99999999999999 of a hundred rows, of which a hundred are enough.
    law = Summary.of(-(np.random.default_rng(0).exponential(size=100) ** 2)).law()
    run = CurationLoop(law, K=10, lam=5.0).run(steps=0)
    assert effective_sample_sizes(run).tolist() == [100.0]
    assert trusted_until(run) == 0


def test_how_scores_vary_is_not_known():
    rewards = np.linspace(0, 1, 1000)
    law = Summary.of(rewards, scores={"x": np.sin(1e5 * rewards)}).law()
    loop = CurationLoop(law, K=4, lam=1.0)
    bands = bootstrap_bands(loop, loop.run(steps=2), replicates=4, rng=0)
    assert np.isnan(bands.low["score[x]"]).all()
    assert np.isfinite(bands.low["expected_reward"]).all()
    with pytest.raises(ValueError, match="ranges of a limit on a score need all rows"):
        choose(law, K=4, score="x", max_score=0.9, replicates=4, rng=0)


@pytest.mark.parametrize("first", [0, 1])
def test_parts_whose_bins_differ_much(first):
    rng = np.random.default_rng(0)
    parts = [rng.uniform(0.0, 1000.0, 2000), rng.uniform(0.0, 1e-3, 2000)]
    one, other = (Summary.of(part, bins=64) for part in (parts[first], parts[1 - first]))
    assert abs(one.content.frame.coarsest - other.content.frame.coarsest) > 10
    assert_same(one.merged(other), Summary.of(np.concatenate(parts), bins=64))


@pytest.mark.parametrize("size", [30, 3000])
def test_missing_scores_leave_all_else_as_it_is(size):
    rng = np.random.default_rng(0)
    rewards, groups = rng.normal(size=size), np.arange(size) % 3
    scores = {"x": np.where(groups == 1, np.nan, rewards), "y": np.cos(rewards), "z": rewards**2}
    law = Summary.of(rewards, groups=groups, scores=scores, bins=4096).law()
    ours = CurationLoop(law, K=4, lam=1.0).run(steps=3, compress=False)
    full = RewardLaw(rewards, groups=groups, scores=scores)
    theirs = CurationLoop(full, K=4, lam=1.0).run(steps=3, compress=False)
    # The dense engine's rounding, for means of up to 10.
    np.testing.assert_allclose(ours.group_proportions, theirs.group_proportions, atol=1e-12)
    np.testing.assert_allclose(ours.expected_scores, theirs.expected_scores, atol=1e-11)
