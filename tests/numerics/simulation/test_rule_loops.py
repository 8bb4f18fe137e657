"""Simulated loops of any rule and schedule: sizes, training sets, checkpoints, errors.

Their laws are tested in tests/statistical; here only what is certain.
"""

import math

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw, simulate, simulate_loop
from recurate.numerics.simulation.models import EmpiricalDistribution, GaussianModel
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    NothingAcceptedError,
    PairwisePreference,
    RandomChoice,
    Rule,
    Stages,
    TopShare,
    Voters,
)

from ...own_rules import WorseOfTwo
from .stopped import require_goes_on

DATA = np.random.default_rng(0).standard_normal((500, 2))
LAW = RewardLaw(
    [0.0, 1.0, 2.0, 2.0],
    [0.4, 0.3, 0.2, 0.1],
    groups="abab",
    scores={"length": [4.0, 3.0, 2.0, 1.0], "chance": [0.0, 0.5, 0.25, 1.0]},
)
VOTERS = Voters([(0.5, BestOf(2, by="length")), (0.5, BradleyTerry(3))])


class WorseChosen(WorseOfTwo):
    def choose(self, law, candidates, rng):
        return law.rewards[candidates].argmin(axis=0)


class Recorded(EmpiricalDistribution):
    """Keeps copies of all that it was fitted to and made."""

    def __init__(self, sets, made):
        super().__init__()
        self.sets, self.made = sets, made

    def __deepcopy__(self, memo):
        return self

    def fit(self, samples):
        self.sets.append(np.array(samples))
        super().fit(samples)

    def sample(self, n, rng):
        made = super().sample(n, rng)
        self.made.append(np.array(made))
        return made


def recorded(steps=3, **loop):
    """Training sets, generated samples and the trajectory of a run on numbered samples."""
    sets, made = [], []
    run = simulate(
        Recorded(sets, made),
        lambda x: x / 100.0,
        steps=steps,
        n_generated=40,
        real=np.arange(500.0),
        replicates=2,
        rng=1,
        **loop,
    )
    return sets, made, run


def test_retained_samples_are_some_of_those_generated_and_counted_exactly():
    class FirstAlone(Rule):  # chooses the first entry of each pool alone
        def log_ratio(self, law, log_probs):
            return np.where(np.arange(law.size) == 0, math.log(law.size), -math.inf)

    sets, made, run = recorded(rule=FirstAlone(), lam=2.0, retained=0.3, n_curated=30)
    assert run.sizes == Sizes(40, 21, 15, None, 9)
    assert run.sizes.lam == 2.0
    assert run.sizes.smallest == 9
    for samples, generated in zip(sets[1:], made, strict=False):
        assert samples.shape == (2, 45)
        for row, pool in zip(samples, generated, strict=True):
            assert (row[:21] == pool[0]).all()
            assert set(row[21:30]) <= set(pool)
            assert len(set(row[21:30])) > 1


def test_sizes_follow_the_schedule():
    _, _, run = recorded(K=2, lam=[math.inf, 0.0, 0.5], retained=[0.0, 0.5, 0.25])
    assert run.sizes_by_step == (
        Sizes(40, 40, 0, None, 0),
        Sizes(40, 0, 40, None, 0),
        Sizes(40, 30, 80, None, 10),
    )
    assert run.sizes == run.sizes_by_step[0]
    assert (run.K, run.lam) == (None, None)
    assert run.loop == "K=2, lam=[float('inf'), 0, 0.5], retained=[0, 0.5, 0.25]"
    sets, _, _ = recorded(K=2, lam=[math.inf, 0.0, 0.5], retained=[0.0, 0.5, 0.25])
    assert [samples.shape[1] for samples in sets] == [500, 40, 40, 120]
    _, _, run = recorded(K=2, lam=1.0)
    assert (run.K, run.lam, run.loop, run.sizes_by_step) == (2.0, 1.0, "K=2, lam=1", ())
    _, _, run = recorded(steps=0, K=2, lam=[])
    assert run.steps == 0


def test_training_sets_grow_and_nothing_is_thrown_away():
    sets, made, run = recorded(rule=BestOf(2), training=Accumulate(3.0, 1.5), n_curated=20)
    assert run.sizes == Sizes(40, 20, 40, None, 0)
    assert [samples.shape[1] for samples in sets] == [500, 60, 80, 100]
    for before, after, generated in zip(sets[1:-1], sets[2:], made[1:], strict=False):
        for row, grown, pool in zip(before, after, generated, strict=True):
            counts = np.bincount(grown.astype(int), minlength=500)
            added = counts - np.bincount(row.astype(int), minlength=500)
            assert added.min() >= 0
            assert set(np.flatnonzero(added)) <= set(pool.astype(int))


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_model_may_change_a_training_set_that_grows(backend):
    if backend == "torch":
        pytest.importorskip("torch")

    kept = []

    class Seen(EmpiricalDistribution):
        def fit(self, samples):
            kept.append(np.array(samples.tolist()))
            samples[...] = 1e3
            super().fit(samples)

    simulate(
        Seen(),
        lambda x: x,
        training=Accumulate(),
        rule=BestOf(2),
        steps=3,
        n_generated=20,
        real=np.arange(50.0),
        rng=0,
        backend=backend,
    )
    # All that is generated is 1000; the real samples of the first round are still there.
    assert [int((samples < 50).sum()) for samples in kept[1:]] == [20, 20, 20]


LOOPS = {
    "voters": {"rule": VOTERS, "lam": 2.0, "retained": 0.2},
    "changing": {"rule": [TopShare(0.5), BestOf(3, keep=2), VOTERS, Accept("chance")], "lam": 1.0},
    "of-t": {"K": 3, "lam": lambda t: 1.0 + t},
    "accumulated": {"rule": BestOf(3), "training": Accumulate(2.0, 1.0)},
    "own": {"rule": Stages([WorseOfTwo(), WorseChosen()]), "lam": 1.0},
}


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("stop_at", [1, 3, 4, 6])
def test_a_stopped_run_goes_on_as_if_it_had_not(monkeypatch, tmp_path, name, backend, stop_at):
    """Two chunks of four steps each, stopped within each and between."""
    if backend == "torch":
        pytest.importorskip("torch")
    loop = CurationLoop(LAW, **LOOPS[name])
    run = {"steps": 4, "n_generated": 60, "replicates": 2, "rng": 9, "backend": backend}
    require_goes_on(monkeypatch, tmp_path / "run.npz", loop, stop_at, 1, **run)


EVEN = PairwisePreference([[0.5, 0.5], [0.5, 0.5]], of="groups")
ODD = PairwisePreference([[0.5, 0.25], [0.75, 0.5]], of="groups")
LARGE = RewardLaw(np.arange(20.0))  # of as many atoms as a rule's text has no room for
MANY = PairwisePreference(np.full((20, 20), 0.5))
MANY_OTHERS = PairwisePreference((np.sign(np.subtract.outer(range(20), range(20))) + 1) / 2)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"rule": BestOf(3), "lam": 1.0}, {"rule": BestOf(4), "lam": 1.0}),
        ({"rule": BestOf(3), "lam": 1.0}, {"rule": BestOf(3), "lam": 1.0, "retained": 0.1}),
        ({"rule": BestOf(3), "lam": 1.0}, {"rule": BestOf(3), "lam": [1.0, 2.0]}),
        ({"K": 3, "lam": lambda t: 1.0}, {"K": 3, "lam": lambda t: 1.0 + t}),
        ({"K": 3, "training": Accumulate()}, {"K": 3, "training": Accumulate(2.0)}),
        ({"rule": WorseOfTwo(), "lam": 1.0}, {"rule": WorseChosen(), "lam": 1.0}),
        ({"rule": Voters([(1.0, EVEN)]), "lam": 1.0}, {"rule": Voters([(1.0, ODD)]), "lam": 1.0}),
        ({"rule": Stages([MANY]), "lam": 1.0}, {"rule": Stages([MANY_OTHERS]), "lam": 1.0}),
    ],
)
def test_a_checkpoint_of_another_loop_is_refused(tmp_path, before, after):
    path, arguments = tmp_path / "run.npz", {"steps": 2, "n_generated": 50, "rng": 1}
    law = LARGE if before.get("rule") == Stages([MANY]) else LAW
    first = simulate_loop(CurationLoop(law, **before), checkpoint=path, **arguments)
    with pytest.raises(ValueError, match=r"of a run with the same arguments; .* has loop = "):
        simulate_loop(CurationLoop(law, **after), checkpoint=path, **arguments)
    again = simulate_loop(CurationLoop(law, **before), checkpoint=path, **arguments)
    np.testing.assert_array_equal(again.figures, first.figures)


def test_a_checkpoint_of_other_scores_is_refused(tmp_path):
    path, arguments = tmp_path / "run.npz", {"steps": 2, "n_generated": 50, "rng": 1}
    rule = BestOf(2, by="length")
    simulate_loop(CurationLoop(LAW, rule=rule, lam=1.0), checkpoint=path, **arguments)
    law = RewardLaw(LAW.rewards, [0.4, 0.3, 0.2, 0.1], "abab", scores={"length": [4, 3, 1, 2]})
    with pytest.raises(ValueError, match="has scores = "):
        simulate_loop(CurationLoop(law, rule=rule, lam=1.0), checkpoint=path, **arguments)


def of_functions(**options):
    given = {
        "steps": 2,
        "n_generated": 300,
        "real": DATA,
        "rng": 1,
        "lam": math.inf,
        "scores": {"second": lambda x: x[:, 1], "chance": lambda x: 1 / (1 + x[:, 1] ** 2)},
        "groups": lambda x: (x[:, 1] > 0) * 1,
        "group_names": ("low", "high"),
    }
    return simulate(GaussianModel(), lambda x: x[:, 0], **(given | options))


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("rule", "rises"),
    [
        (BestOf(8, by="second"), True),
        (TopShare(0.1, by="second"), True),
        (PairwisePreference([[0.5, 0.0], [1.0, 0.5]], of="groups"), True),
        (Voters([(0.5, BradleyTerry(8, scale=3, by="second")), (0.5, RandomChoice())]), True),
        (Stages([Accept("chance"), BestOf(8, by="second")]), True),
        (BestOf(8), False),
        (WorseChosen(), False),
        (WorseOfTwo(), False),
    ],
    ids=lambda value: str(value)[:30],
)
def test_rules_read_functions_of_samples(rule, rises, backend):
    """From a half, with 300 samples: more than .7 is 7 deviations; less than that otherwise."""
    if backend == "torch":
        pytest.importorskip("torch")
    run = of_functions(rule=rule, backend=backend)
    assert (run.group_proportions[2, 1] > 0.7) == rises
    if isinstance(rule, WorseOfTwo):
        assert run.expected_reward[2] < run.expected_reward[0] - 0.5
    elif not rises:
        assert run.expected_reward[2] > run.expected_reward[0] + 1.0


@pytest.mark.parametrize(
    "rule",
    [
        BestOf(3, keep=2),
        TopShare(0.3, by="length"),
        Accept("chance"),
        PairwisePreference([[0.5, 0.2], [0.8, 0.5]], of="groups"),
        Stages([VOTERS, TopShare(0.5)]),
    ],
    ids=str,
)
def test_nothing_is_fetched_from_the_device_inside_the_loop(monkeypatch, rule):
    torch = pytest.importorskip("torch")
    fetched = []
    true_cpu = torch.Tensor.cpu

    def cpu(self, *arguments):
        fetched.append(self.numel())
        return true_cpu(self, *arguments)

    monkeypatch.setattr(torch.Tensor, "cpu", cpu)
    loop = CurationLoop(LAW, rule=rule, lam=1.0, retained=0.1)
    simulate_loop(loop, steps=3, n_generated=200, replicates=2, rng=0, backend="torch")
    assert fetched == [2 * 4 * 5, 2 * 4 * 2]  # figures and groups of two replicates, once


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, TypeError, "K or rule must be given"),
        ({"K": 2, "rule": BestOf(2)}, TypeError, "K and rule must not both be given"),
        ({"K": 2, "lam": None}, TypeError, "lam must be given, .* got neither"),
        ({"K": 2, "training": Accumulate()}, TypeError, "lam and training must not both be given"),
        ({"K": 2, "steps": None}, TypeError, "steps must be an integer"),
        ({"K": 2, "n_generated": None}, TypeError, "n_generated must be an integer"),
        ({"K": 2, "lam": [1.0]}, ValueError, "lam must have one entry for each step, 2 of them"),
        ({"K": 2, "retained": 1.5}, ValueError, "retained must be"),
        ({"rule": BestOf(2), "temperature": 2.0}, ValueError, "temperature must be 1 with a rule"),
        ({"rule": BestOf(2, by="third")}, ValueError,
         "by must name one of the scores, which are 'second', 'chance'; got 'third'"),
        ({"rule": BestOf(2, by="third"), "scores": None}, ValueError,
         r"which are none: simulate\(scores={…}\); got 'third'"),
        ({"rule": BestOf(2), "scores": {"third": 3}}, TypeError,
         r"scores\['third'\] must be a function of samples; got 3"),
        ({"rule": BestOf(2, by="third"), "scores": {"third": lambda x: x[:, 0] + np.nan}},
         ValueError, r"scores\['third'\] must return finite numbers"),
        ({"rule": BestOf(2, by="third"), "scores": {"third": lambda x: x}}, ValueError,
         r"scores\['third'\] must return an array of shape \(300\); got \(300, 2\) at step t = 0"),
        ({"rule": Accept("second")}, ValueError, r"scores\['second'\] must be probabilities"),
        ({"rule": PairwisePreference(np.full((3, 3), 0.5), of="groups")}, ValueError,
         "matrix must have a row for each of the 2 groups; got 3"),
        ({"rule": PairwisePreference(np.full((300, 300), 0.5))}, ValueError,
         "PairwisePreference of atoms needs samples with atoms; got none"),
        ({"K": 2, "law": "a law"}, TypeError, "law must be a RewardLaw or None; got 'a law'"),
        ({"K": 2, "law": LAW}, TypeError, "scores must be None with a law, which has its own"),
        ({"K": 2, "lam": None, "training": Accumulate(1.0, 1e9)}, ValueError,
         r"n_curated \* real / per_round, the number of real samples, must be from 1"),
    ],
)  # fmt: skip
def test_bad_input(options, error, message):
    with pytest.raises(error, match=message):
        of_functions(**options)


def test_nodes_of_a_density_have_no_ranks():
    law = RewardLaw.from_density(lambda r: np.ones_like(r), (0.0, 1.0))
    sizes = {"steps": 1, "n_generated": 50, "rng": 0}
    with pytest.raises(ValueError, match="TopShare needs a law of atoms; got one with a density"):
        simulate_loop(CurationLoop(law, rule=TopShare(0.5), lam=1.0), **sizes)
    kept = CurationLoop(law, K=4, lam=1.0, retained=0.5)
    assert simulate_loop(kept, **sizes).sizes.retained == 25


def test_an_error_of_a_choice_names_the_step():
    law = RewardLaw([0.0, 1.0], [0.98, 0.02], scores={"correct": [0.0, 1.0]})
    loop = CurationLoop(law, rule=Accept("correct"), lam=1.0)
    with pytest.raises(NothingAcceptedError, match="must be above 0 for some of the sam") as error:
        simulate_loop(loop, steps=2, n_generated=20, replicates=5, rng=0)
    assert error.value.__notes__ == ["in the choices at step t = 0 of the simulation"]
    kept = CurationLoop(law, rule=Accept("correct", none="keep"), lam=math.inf)
    run = simulate_loop(kept, steps=2, n_generated=20, replicates=50, rng=0)
    # Where there is something to accept it takes all; the others have none of it.
    assert set(run.by_replicate("mass_at_max")[:, 1]) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("loop", "draws"),
    [
        # 3 replicates of 2 steps, and at the end 10 generated samples once more.
        ({"rule": BestOf(4), "lam": 1.0}, 3 * (2 * (10 * 4 + 10 + 10) + 10)),
        ({"rule": BestOf(6, keep=3), "lam": 1.0}, 3 * (2 * (4 * 6 + 10 + 10) + 10)),
        ({"rule": TopShare(0.5), "lam": 1.0}, 3 * (2 * (10 + 10 + 10) + 10)),
        ({"rule": Stages([BestOf(4), BestOf(3)]), "lam": math.inf}, 3 * (2 * (120 + 10) + 10)),
        ({"rule": VOTERS, "lam": math.inf}, 3 * (2 * (10 * 3 + 10) + 10)),
        ({"K": 4, "lam": [math.inf, 1.0]}, 3 * (2 * (10 * 4 + 10) + 10 + 10)),
        ({"K": 4, "lam": 1.0, "retained": 0.5}, 3 * (2 * (5 * 4 + 5 + 10 + 10) + 10)),
    ],
)
def test_draws_are_counted_before_they_are_made(monkeypatch, loop, draws):
    loop = CurationLoop(RewardLaw([0.0, 1.0], scores={"length": [1.0, 0.0]}), **loop)
    sizes = {"steps": 2, "n_generated": 10, "replicates": 3, "rng": 0}
    place = "recurate.numerics.simulation.simulate.MOST_DRAWS"
    monkeypatch.setattr(place, draws)
    assert simulate_loop(loop, **sizes).steps == 2
    monkeypatch.setattr(place, draws - 1)
    with pytest.raises(ValueError, match=f"draws; got {draws}: 3 replicates of 2 steps"):
        simulate_loop(loop, **sizes)


def test_samples_that_accumulate_are_counted(monkeypatch):
    loop = CurationLoop(RewardLaw([0.0, 1.0]), K=2, training=Accumulate())
    place = "recurate.numerics.simulation.simulate.MOST_SAMPLES"
    monkeypatch.setattr(place, 29)
    with pytest.raises(ValueError, match="samples of one kind in a step; got 30"):
        simulate_loop(loop, steps=3, n_generated=10, rng=0)
