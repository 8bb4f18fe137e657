"""Every array that an object holds or hands out is read-only: all public attributes and methods."""

import inspect
import math

import numpy as np
import pytest

from recurate.numerics.agreement.choice_log import ChoiceLog
from recurate.numerics.agreement.deviation import LoopDeviation
from recurate.numerics.agreement.first_order import finite_sample_error
from recurate.numerics.agreement.p_values import bands
from recurate.numerics.agreement.recorder import RewardSample
from recurate.numerics.curation import CurationKernel
from recurate.numerics.inference.bootstrap import bootstrap_bands
from recurate.numerics.inference.choosing import choose
from recurate.numerics.inference.sampled_rows import extrapolated
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.parametric import DiscreteLaw, LocationFamily, Normal, RetrainingLoop
from recurate.numerics.parametric.rates import curvatures
from recurate.numerics.read_only import read_only
from recurate.numerics.simulation.simulate_loop import simulate_loop

SCORES = {"length": [5.0, np.nan, 7.0, 1.0, 2.0]}
LAW = RewardLaw([0.0, 1.0, 1.0, 3.0, 9.0], [0.4, 0.2, 0.3, 0.1, 0.0], "abcab", scores=SCORES)
MANY = RewardLaw(np.linspace(0.0, 3.0, 9_000) ** 2, groups=["low", "high"] * 4_500)
PROMPTS = RewardLaw(np.arange(8.0), groups="abababab", prompts=[0] * 4 + [1] * 4)
DENSITY = RewardLaw.from_density(lambda w: 2 * (1 - w), support=(0, 1), of="weight")
LOOP = CurationLoop(LAW, K=3, lam=1.5)
SIMULATED = simulate_loop(LOOP, steps=2, n_generated=60, replicates=3, rng=0)
PARAMETRIC = RetrainingLoop(LocationFamily(Normal()), DiscreteLaw([0.0, 1.0]), lam=0.1)

OBJECTS = {
    "law": LAW,
    "uniform law": RewardLaw([0.0, 1.0]),
    "density": DENSITY,
    "trajectory": LOOP.run(steps=3),
    "trajectory from elsewhere": LOOP.run(steps=3, initial=[0.2] * 5),
    "compressed trajectory": CurationLoop(MANY, K=3, lam=1.5).run(steps=3),
    "trajectory of a density": CurationLoop(DENSITY, K=3, lam=0.5).run(steps=3),
    "fixed point": LOOP.fixed_point(),
    "fixed point for K = inf": CurationLoop(LAW, K=math.inf, lam=0.5).fixed_point(),
    "pure fixed point": CurationLoop(LAW, K=3, lam=math.inf).fixed_point(),
    "reference": CurationLoop(LAW, K=1, lam=1.0).fixed_point(),
    "compressed fixed point": CurationLoop(MANY, K=3, lam=0.5).fixed_point(),
    "condensed": CurationLoop(DENSITY, K=3, lam=9.0).fixed_point(),
    "levels": Levels.of(LAW, None),
    "bands": bootstrap_bands(LOOP, LOOP.run(steps=2), replicates=3, rng=0),
    "trajectory within prompts": CurationLoop(PROMPTS, K=2, lam=1.0).run(steps=2),
    "fixed point within prompts": CurationLoop(PROMPTS, K=2, lam=1.0).fixed_point(),
    "sampled rows": extrapolated(CurationLoop(PROMPTS, K=2, lam=1.0), 1, splits=1, rng=0),
    "choice": choose(LAW, K=3, max_kl=0.2, steps=3),
    "kernel": CurationKernel([0.0, 1.0], 3),
    "simulated": SIMULATED,
    "finite samples": finite_sample_error(LOOP, 2, SIMULATED.sizes),
    "p-value band": bands(SIMULATED, LOOP)["expected_reward"],
    "deviation": LoopDeviation(*[np.ones((3, 2))] * 8),
    "choices": ChoiceLog(np.zeros((4, 2)), np.ones((4, 2), bool), np.array([0, 1, 0, 0]), 1.0),
    "sample": RewardSample(np.ones(4), np.zeros(4, dtype=np.intp)),
    "discrete law": DiscreteLaw([0.0, 1.0]),
    "curvatures": curvatures(PARAMETRIC),
    "path": PARAMETRIC.run([0.5], steps=2),
}

ARGUMENTS = {
    "t": 2,
    "name": "expected_reward",
    "scale": 1.0,
    "log_rate": 2.0,
    "n_groups": 1,
    "index": slice(2),
    "log_density": np.zeros(4),
    "found": np.ones(3),
}
"""What methods are called with, by the name of the parameter."""

NOT_CALLED = {
    # They write files, or make other objects; or compute numbers, one from each array given.
    *("to_csv", "to_dataframe", "to_dict", "from_density", "of", "with_mass", "require"),
    *("distance", "of_chosen", "log_ratio", "cdf", "integrated_cdf", "local_rates"),
    *("kullback_leibler", "total_variation", "chi_square", "renyi", "atom_log_probs"),
    *("atom_log_density", "group_proportions", "figures", "events"),
    *("score_sums", "expected_scores", "from_table", "prompt", "require_no_prompts", "loop"),
    "compared_with",
    *(
        "reduced",
        "at_levels",
        "name_of_level",
        "name_of_law",
        "win_rate",
        "masses",
        "log_ratio_of_masses",
        "has_mean",
    ),
}


def handed_out(thing):
    """Return the arrays that an object's attributes are and its methods return, by name."""
    found = {}
    for name in dir(thing):
        if name.startswith("_"):
            continue
        value = getattr(thing, name)
        if inspect.ismethod(value):
            if name in NOT_CALLED:
                continue
            parameters = inspect.signature(value).parameters.values()
            needed = [x.name for x in parameters if x.default is x.empty]
            value = value(**{x: ARGUMENTS[x] for x in needed})
        found |= {f"{name}{place}": array for place, array in arrays_in(value, "")}
    return found


def arrays_in(value, place):
    if isinstance(value, np.ndarray):
        yield place, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from arrays_in(entry, f"{place}[{key!r}]")
    elif isinstance(value, tuple | list):
        for i, entry in enumerate(value):
            yield from arrays_in(entry, f"{place}[{i}]")


@pytest.mark.parametrize("name", OBJECTS)
def test_arrays_handed_out_are_read_only(name):
    for twice in range(2):  # the first time some are computed, later they are kept
        found = handed_out(OBJECTS[name])
        assert {place for place, array in found.items() if array.flags.writeable} == set(), twice
    assert found or name == "choice"


def test_the_walk_finds_what_there_is():
    walked = {name: set(handed_out(thing)) for name, thing in OBJECTS.items()}
    assert {"probs", "log_probs", "log_density", "mass_at_max"} <= walked["trajectory"]
    assert {"probs", "log_density", "group_proportions"} <= walked["fixed point"]
    assert {"rewards", "probs", "given_probs", "distinct[1]", "group_index"} <= walked["law"]
    assert {"low['mass_at_max']", "high_proportions"} <= walked["bands"]
    assert {"figures", "by_replicate", "standard_errors['mass_at_max']"} <= walked["simulated"]


def test_what_was_given_stays_writeable():
    given = np.ones(3)
    kept = read_only({"a": (given, 1.0)})["a"][0]
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 2.0
    given[0] = 2.0
    assert kept[0] == 2.0  # no copy was made
    assert np.shares_memory(read_only(kept), given)


def test_states_of_a_run_are_not_changed_through_it():
    run = LOOP.run(steps=3)
    before = run.log_density(3).copy()
    for array in handed_out(run).values():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.5
    assert run.log_density(3).tolist() == before.tolist()
