"""The hunt refutes what is false, with certainty, and never takes rounding for a violation."""

import math
import re
from concurrent.futures import Executor, Future
from dataclasses import fields
from fractions import Fraction
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import flint
import numpy as np
import pytest

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.pieces import ExecutorLostError
from recurate.numerics.processes import Processes
from recurate.paper_checks.hunt.hunt import Hunt, hunt
from recurate.paper_checks.hunt.in_balls import certified_margin
from recurate.paper_checks.hunt.margins import Case, CheckConjecture, FunctionConjecture
from recurate.paper_checks.hunt.searches import lengths
from recurate.paper_checks.hunt.space import Shape, space_of
from recurate.paper_checks.runs.ball import Ball
from recurate.paper_checks.runs.certified_trajectory import CertifiedLoop, certified_margins
from recurate.paper_checks.runs.operands import UndecidedError, arb_of


def inside(K):
    return (0.0, 1 / (K - 1))


def variance_never_grows(loop, trajectory):
    return -np.diff(trajectory.variance_weight)


def weight_never_falls(loop, trajectory):
    return np.diff(trajectory.expected_weight)


def ratio_at_most_its_limit(loop, trajectory):
    ratio = trajectory.probs(1) / loop.law.probs
    return loop.law.relative_weights / trajectory.expected_weight[0] - ratio


def an_eighth_of_theorem_2_4(loop, trajectory):
    return -np.log(1 - loop.lam * (loop.K - 1) / 8) - trajectory.kl_to_reference


def paper_s_theorem_2_4(loop, trajectory):
    return -np.log(1 - loop.lam * (loop.K - 1)) - trajectory.kl_to_reference


def mass_is_at_least_one(loop, trajectory):
    return trajectory.probs(trajectory.steps).sum() - 1


def rewritten(margin, found):
    """The margin of the witness, run once more in floating point."""
    return np.min(margin(found.loop, found.loop.run(steps=found.steps)))


@pytest.mark.parametrize(
    ("margin", "arguments"),
    [
        (variance_never_grows, {"mixing": math.inf}),
        (ratio_at_most_its_limit, {"mixing": math.inf, "steps": (1, 1), "candidates": (2, 3, 8)}),
        (an_eighth_of_theorem_2_4, {"mixing": inside, "candidates": (2, 3, 4), "seed": 3}),
    ],
)
def test_false_conjectures_are_refuted(margin, arguments):
    found = hunt(margin, evaluations=600, **arguments)
    assert found.verdict == "refuted"
    assert found.least_margin < 0
    assert flint.arb(found.ball) < 0
    assert rewritten(margin, found) == pytest.approx(found.least_margin, rel=1e-8)


@pytest.mark.parametrize(
    ("margin", "arguments"),
    [
        (weight_never_falls, {}),
        (paper_s_theorem_2_4, {"mixing": inside, "candidates": (2, 3, 4)}),
        # Equality everywhere: at K = 1, and for the mass of a law.
        (weight_never_falls, {"candidates": (1,)}),
        (mass_is_at_least_one, {"steps": (1, 8)}),
    ],
)
def test_true_conjectures_stay_open(margin, arguments):
    found = hunt(margin, evaluations=200, **arguments)
    assert found.verdict == "open"
    assert found.ball == ""
    assert found.evaluations == 200
    assert not found.note


def test_falls_by_rounding_at_convergence_are_no_candidates():
    # At the fixed point of two atoms E_{t+1} - E_t is rounding, of either sign.
    case = Case(CurationLoop(RewardLaw([-2.0, 0.0], [0.7, 0.3]), K=2, lam=0.5), 60)
    conjecture = FunctionConjecture(weight_never_falls)
    look = conjecture.look(case)
    assert (look.values[40:] <= 0).any()
    assert (look.values > -look.noise).all()
    # In balls every one of them is positive: two-point laws have C1 proved.
    assert all(margin.ball > 0 for margin in conjecture.certify(case, 256))


def test_noise_covers_the_engine_s_distance_from_the_balls():
    source = np.random.default_rng(0)
    conjecture = FunctionConjecture(variance_never_grows)
    for K in (2.0, 8.0, math.inf):
        case = Shape(3, K, (0.0, math.inf), 12).case(source.random(6))
        look, certain = conjecture.look(case), conjecture.certify(case, 128)
        exact = np.array([float(margin.ball.mid()) for margin in certain])
        assert (np.abs(look.values - exact) <= look.noise).all()


def test_a_single_number_is_hunted_after_every_step():
    # KL(p_t‖p_ref) <= 1/10 for λ = 1: true of the first steps only.
    def divergence_is_small(loop, trajectory):
        return 0.1 - trajectory.kl_to_reference[-1]

    found = hunt(divergence_is_small, evaluations=600, mixing=1.0, steps=(4, 12))
    assert found.verdict == "refuted"
    assert found.where == f"after {found.steps} steps"
    assert found.steps >= 4


def test_witness_is_made_small():
    found = hunt(variance_never_grows, evaluations=600, mixing=math.inf, atoms=(2, 6), seed=1)
    assert found.loop.law.size == 2
    assert found.steps == 1
    assert found.loop.K == 2
    assert all(float(f"{r:.2g}") == r for r in found.loop.law.rewards)


def test_replay_shows_the_margin_again():
    found = hunt(variance_never_grows, evaluations=600, mixing=math.inf)
    namespace = {"margin": variance_never_grows, "print": lambda value: shown.append(value)}
    shown = []
    exec(found.replay, namespace)
    assert np.min(shown[0]) == pytest.approx(found.least_margin, rel=1e-8)
    assert min(shown[1], key=float) < 0


def test_seeds_reproduce():
    def run(seed):
        found = hunt(weight_never_falls, evaluations=150, seed=seed, steps=(1, 10), restart=40)
        return in_full(found)

    assert run(5) == run(5)
    assert run(5) != run(6)


def test_seconds_end_a_hunt(monkeypatch):
    # A clock of its own, of 10 ms a reading: the machine's may stand still for seconds.
    ticks = count()
    clock = SimpleNamespace(perf_counter=lambda: next(ticks) / 100)
    for module in ("hunt", "search", "searches"):
        monkeypatch.setattr(f"recurate.paper_checks.hunt.{module}.time", clock)
    found = hunt(weight_never_falls, budget=0.3)
    assert 0.3 <= found.seconds < 3


def test_progress_is_told():
    told = []
    hunt(weight_never_falls, evaluations=120, restart=30, on_progress=lambda n, s: told.append(n))
    assert told == sorted(told)
    assert told


def test_functions_that_make_floats_are_not_certified():
    def with_math(loop, trajectory):
        return [-math.log(1 + float(v)) for v in np.diff(trajectory.variance_weight)]

    found = hunt(with_math, evaluations=300, mixing=math.inf)
    assert found.verdict == "violated"
    assert found.least_margin < 0
    assert rewritten(with_math, found) == pytest.approx(found.least_margin)
    assert found.ball == ""
    first, second, *_ = str(found).splitlines()
    assert first.startswith("with_math: violated, not certified: the function fails on balls with")
    assert "TypeError: a ball cannot become a float" in first
    assert "in floating point and beyond its noise" in second


def test_functions_that_ignore_the_balls_are_not_certified():
    found = hunt(lambda loop, trajectory: -1.0, evaluations=50)
    assert found.verdict == "violated"
    assert "which does not depend on them" in found.note


def test_the_worst_violation_is_shown():
    seen = []

    def fewer_than_no_candidates(loop, trajectory):
        seen.append(-float(loop.K))
        return seen[-1]

    found = hunt(fewer_than_no_candidates, evaluations=50, candidates=(2, 8, 100), steps=(1, 1))
    assert found.verdict == "violated"
    assert found.least_margin == min(seen) < max(seen)


def test_comparisons_that_stay_open_leave_a_violation_uncertified():
    def compares_equals(loop, trajectory):
        nothing = trajectory.expected_weight[1] - 1 * trajectory.expected_weight[1]
        return -1.0 if nothing >= 0 else nothing

    found = hunt(compares_equals, evaluations=50)
    assert found.verdict == "violated"
    assert found.note.startswith("at 512 bits whether")
    assert "is not certain" in found.note


def test_a_ball_that_is_not_finite_leaves_a_violation_uncertified():
    def one_over_nothing(loop, trajectory):
        nothing = trajectory.expected_weight[1] - 1 * trajectory.expected_weight[1]
        return -1.0 if isinstance(nothing, float) else -1 / nothing

    found = hunt(one_over_nothing, evaluations=50)
    assert (found.verdict, found.least_margin) == ("violated", -1.0)
    assert "at 512 bits a ball about its value is not finite" in str(found).splitlines()[0]


def test_what_balls_show_to_be_positive_is_no_violation():
    def wrong_in_floats(loop, trajectory):
        return trajectory.expected_weight[-1] * (1 if isinstance(loop.law.max_reward, Ball) else -1)

    found = hunt(wrong_in_floats, evaluations=30, steps=(1, 3))
    assert (found.verdict, found.note, found.loop) == ("open", "", None)


def test_a_guard_against_infinity_does_not_stop_the_certificate():
    # Twice the sharp constant of Theorem 2.3, as someone writes it who does not know of balls.
    def doubled(loop, trajectory):
        share = np.where(np.isfinite(loop.lam), loop.lam / (1 + loop.lam), 1.0)
        share = np.where(np.isinf(loop.lam), 1.0, share)
        others = 1 - 1 / loop.K if np.isfinite(loop.K) else 1.0
        gain = np.diff(trajectory.expected_weight[:2])
        return gain - 2 * share * others * trajectory.variance_weight[0]

    found = hunt(doubled, evaluations=200, candidates=(2,), mixing=(0.5, 4.0))
    assert found.verdict == "refuted"
    assert flint.arb(found.ball) < 0


def test_a_ball_about_zero_refutes_nothing():
    def wide_in_balls(loop, trajectory):
        is_certain = isinstance(trajectory.expected_weight[0], Ball)
        return Ball(flint.arb(-1, 2)) if is_certain else -1.0

    found = hunt(wide_in_balls, evaluations=30, steps=(1, 3))
    assert found.verdict == "open"
    assert found.loop is None
    assert not found.note


def test_neighbours_never_move_together():
    # Else the noise of their difference would be nothing: KL of about 1e-12, long converged.
    law = RewardLaw([-0.42, -0.01, -0.004, 0.0], [1e-8, 1 - 1e-8 - 1e-10, 5e-11, 5e-11])
    look = FunctionConjecture(lambda loop, trajectory: np.diff(trajectory.kl_to_reference)).look(
        Case(CurationLoop(law, K=30, lam=0.134), 60)
    )
    assert (look.noise[1:] > 1e-16).all()


def test_where_a_conjecture_is_silent_nothing_is_found():
    found = hunt(lambda loop, trajectory: [], evaluations=100)
    assert found.verdict == "open"
    assert found.loop is None
    assert math.isnan(found.least_margin)
    assert "no margin ever stood out" in str(found)


def test_ids_of_the_catalogue():
    assert hunt("lemma-2.2", evaluations=60).verdict == "open"
    found = hunt("theorem-2.4#0", evaluations=60)
    assert found.verdict == "refuted"
    assert "theorem-2.4#0" in found.replay
    shown = []
    exec(found.replay, {"print": shown.append})
    assert shown[0].value < 0


def test_certified_instances_are_the_same_floats():
    case = Shape(3, 2.0, (0.0, 1.0), 2).case(np.full(6, 0.4))
    instance = case.instance()
    assert [float(r) for r in instance.rewards] == case.loop.law.rewards.tolist()
    assert sum(instance.reference) == 1
    assert instance.lam == Fraction(case.loop.lam)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"margin": 3}, TypeError, "margin must be a function .* got int"),
        ({"margin": "theorem-9"}, ValueError, "id must be one of theorem-2.*theorem-9"),
        ({"margin": "theorem-2.4#77"}, ValueError, "mutants theorem-2.4#0 to"),
        ({"budget": 0}, ValueError, "budget must be a positive number of seconds; got 0"),
        ({"budget": math.nan}, ValueError, "budget"),
        ({"budget": "60s"}, TypeError, "budget .* got '60s'"),
        ({"evaluations": 0}, ValueError, "evaluations .* got 0"),
        ({"evaluations": 1.5}, ValueError, "evaluations .* got 1.5"),
        ({"seed": -1}, ValueError, "seed .* got -1"),
        ({"atoms": (6, 2)}, ValueError, "atoms .* got \\(6, 2\\)"),
        ({"atoms": 3}, TypeError, "atoms must be two integers"),
        ({"steps": (0, 3)}, ValueError, "steps"),
        ({"candidates": ()}, ValueError, "candidates must have at least one K"),
        ({"candidates": (2.5,)}, ValueError, "K must be an integer"),
        ({"mixing": (2, 1)}, ValueError, "mixing .* got \\(2, 1\\)"),
        ({"mixing": lambda K: "all"}, TypeError, "mixing\\(2\\)"),
        ({"mixing": -1.0}, ValueError, "lam must be a number of at least 0"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        hunt(**{"margin": weight_never_falls, "evaluations": 5, **arguments})


@pytest.mark.parametrize(
    ("result", "error", "message"),
    [
        (None, TypeError, "must return a real number or an array .* got NoneType"),
        ("yes", TypeError, "got str"),
        (1j, TypeError, "got complex"),
        ([[1.0], [1.0, 2.0]], ValueError, "must return a number or an array"),
        (True, TypeError, "return a difference, not a comparison"),
        ([1.0, math.nan], ValueError, "nan at position \\(1,\\) for RewardLaw"),
    ],
)
def test_bad_results(result, error, message):
    with pytest.raises(error, match=message):
        hunt(lambda loop, trajectory: result, evaluations=5)


def test_errors_of_the_function_come_through():
    def broken(loop, trajectory):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        hunt(broken, evaluations=5)
    assert "in a hunt, for RewardLaw" in caught.value.__notes__[0]


def test_errors_inside_the_optimisers_come_through():
    def broken_later(loop, trajectory, calls=[0]):  # noqa: B006
        calls[0] += 1
        if calls[0] > 300:
            raise TypeError("mine")
        return np.ones(2)

    with pytest.raises(TypeError, match="mine"):
        hunt(broken_later, evaluations=500, restart=60, steps=(1, 2))


FIGURES = ["expected_weight", "variance_weight", "expected_reward", "kl_to_reference"]


@pytest.mark.parametrize("name", [*FIGURES, "mass_at_max"])
@pytest.mark.parametrize("K", [3, math.inf])
def test_certified_trajectory_agrees_with_the_engine(name, K):
    loop = CurationLoop(RewardLaw([-3.0, 0.5, 0.5, -1.0], [0.4, 0.2, 0.1, 0.3]), K=K, lam=0.8)
    trajectory = loop.run(steps=4)
    certain = CertifiedLoop.of(loop, bits=128).run(steps=4)
    assert certain.steps == trajectory.steps
    values = [float(value.arb.mid()) for value in getattr(certain, name)]
    np.testing.assert_allclose(values, getattr(trajectory, name), rtol=1e-12, atol=1e-15)
    for method in ("probs", "log_probs", "log_density"):
        values = [float(value.arb.mid()) for value in getattr(certain, method)(3)]
        np.testing.assert_allclose(values, getattr(trajectory, method)(3), rtol=1e-12)
    assert certain.group_proportions.shape == trajectory.group_proportions.shape


def test_other_loops_can_be_made_of_the_certified_one():
    def one_more_candidate_helps(loop, trajectory):
        other = type(loop)(loop.law, K=loop.K + 1, lam=loop.lam).run(steps=trajectory.steps)
        return other.expected_weight[1:] - trajectory.expected_weight[1:]

    loop = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0)
    balls = certified_margins(one_more_candidate_helps, loop, steps=3)
    floats = one_more_candidate_helps(loop, loop.run(steps=3))
    assert all(ball > 0 for ball in balls)
    np.testing.assert_allclose([float(ball.mid()) for ball in balls], floats, rtol=1e-12)


def test_balls_refuse_guesses():
    x = Ball(flint.arb(1, 0.25))
    assert x > 0.5
    assert not x < 0.5
    for compare in (lambda: x > 1, lambda: x == x * 1, lambda: max(x, x + 0.1), lambda: x - 1 or 0):
        with pytest.raises(UndecidedError, match="not certain"):
            compare()
    for convert in (lambda: float(x), lambda: math.log(x), lambda: np.array([x], dtype=float)):
        with pytest.raises(TypeError, match="cannot become a float"):
            convert()
    with pytest.raises(TypeError, match="exact"):
        int(x)
    assert (int(Ball(3)), Ball(0.75).exact()) == (3, Fraction(3, 4))


def test_balls_contain_what_numpy_computes():
    numbers = [Fraction(1, 3), Fraction(2, 7), Fraction(5, 9)]
    x = np.array([Ball(n) for n in numbers], dtype=object)
    y = np.array([float(n) for n in numbers])
    functions = [np.log, np.exp, np.sqrt, np.log1p, np.expm1, np.log2, np.log10, np.tanh, np.abs]
    functions += [np.diff, np.cumsum, np.sum, np.mean, np.var, np.prod, np.min, np.square]
    functions += [lambda v: 1 / v, lambda v: 2 - v, lambda v: 0.5**v, lambda v: v**3, np.negative]
    functions += [lambda v: v @ v, lambda v: v**-0.5, lambda v: np.float64(2) * v[0]]
    functions += [lambda v: np.maximum(v, 0.3)]  # a float stands for itself: it is the larger one
    for function in functions:
        balls, floats = np.ravel(function(x)), np.ravel(function(y))
        values = [float(arb_of(ball).mid()) for ball in balls]
        np.testing.assert_allclose(values, floats, rtol=1e-14)


def test_points_of_the_space_are_within_it():
    space = space_of((2, 5), (3, 9), (2, 8, math.inf), lambda K: (0.25, 0.5))
    source = np.random.default_rng(0)
    for _ in range(100):
        shape = space.shape(source)
        case = shape.case(space.start(shape, source))
        assert 2 <= case.loop.law.size <= 5
        assert 3 <= case.steps <= 9
        assert case.loop.K in (2, 8, math.inf)
        assert 0.25 < case.loop.lam < 0.5
        for simpler in space.simpler(case):
            assert simpler.steps >= 3
            assert 0.25 < simpler.loop.lam < 0.5


def test_margins_of_checks_have_the_derived_noise():
    from recurate.paper_checks.catalogue import CHECKS

    conjecture = CheckConjecture("lemma-2.2", CHECKS["lemma-2.2"])
    case = Shape(3, 4.0, (math.inf, math.inf), 3).case(np.full(5, 0.7))
    look, certain = conjecture.look(case), conjecture.certify(case, 128)
    assert look.values.size == len(certain) > 0
    exact = np.array([float(margin.ball.mid()) for margin in certain])
    assert (np.abs(look.values - exact) <= look.noise).all()


def test_the_page_shows_what_is_printed():
    page = Path(__file__).parents[3].joinpath("docs", "hunting.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(python|text)\n(.*?)```", page, re.DOTALL)
    printed = []
    namespace = {"print": lambda value: printed.append(str(value))}
    for kind, block in blocks:
        if kind == "python":
            exec(block, namespace)
            continue
        shown, found = (
            re.sub(r"\d+\.\d s,", "s,", text.strip()).splitlines()
            for text in (block, printed.pop())
        )
        # The nearest loop of an open hunt depends on the last digits of a processor's floats.
        lines = 2 if "open" in shown[0] else None
        assert found[:lines] == shown[:lines]
    assert not printed


def thirds(loop, trajectory):
    return trajectory.expected_weight * (1 / 3) * 3 - trajectory.expected_weight


def root_squared(loop, trajectory):
    return math.sqrt(3) ** 2 * trajectory.expected_weight - 3 * trajectory.expected_weight


@pytest.mark.parametrize("identity", [thirds, root_squared])
def test_a_rounded_number_of_the_users_own_refutes_nothing(identity):
    # 1/3 in floats is less than a third, so that in exact arithmetic these would be negative.
    assert hunt(identity, evaluations=60).verdict == "open"


def test_more_bits_are_used_as_long_as_a_ball_narrows():
    tried = []

    def conjecture_of(*radii):
        def certify(case, bits):
            tried.append(bits)
            ball = flint.arb(-1, radii[len(tried) - 1])
            return [SimpleNamespace(ball=ball), SimpleNamespace(ball=flint.arb(0, 2))]

        return SimpleNamespace(certify=certify)

    assert certified_margin(conjecture_of(8, 8), None) is None
    assert tried == [128, 256]
    tried.clear()
    assert certified_margin(conjecture_of(8, 2, 0.5), None).ball < 0
    assert tried == [128, 256, 512]


def in_full(found):
    """Return all of a hunt but the time it took."""
    values = {field.name: getattr(found, field.name) for field in fields(Hunt)}
    del values["seconds"]
    return {name: str(value) for name, value in values.items()}


@pytest.mark.parametrize("claim", [weight_never_falls, variance_never_grows])
def test_processes_find_the_same(claim):
    # Five searches, the third of which is twice as long, and the last cut short.
    asked = {"evaluations": 330, "restart": 4, "steps": (1, 6), "mixing": math.inf, "atoms": (2, 3)}
    alone = hunt(claim, **asked)
    with Processes(2) as executor:
        together = hunt(claim, **asked, executor=executor)
    assert in_full(together) == in_full(alone)
    assert (alone.evaluations == 330) == (alone.verdict == "open")


def test_lengths_of_searches_are_those_of_luby():
    # Luby, Sinclair and Zuckerman (1993): 1, 1, 2, 1, 1, 2, 4, …; ours end at 16.
    assert [lengths(n) for n in range(15)] == [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]
    assert max(map(lengths, range(1000))) == 16


class Losing(Executor):
    """Carries out so many calls, and is lost then."""

    width = 1

    def __init__(self, number):
        self.left = number

    def submit(self, call, *arguments):
        if not self.left:
            raise ExecutorLostError("the scheduler is lost")
        self.left -= 1
        future = Future()
        future.set_result(call(*arguments))
        return future


def test_workers_that_join_take_part_in_a_hunt():
    class Growing(Losing):
        looked = 0

        @property
        def width(self):
            self.looked += 1
            return self.looked

    executor = Growing(10)
    hunt(weight_never_falls, evaluations=100, restart=2, executor=executor)
    assert executor.left == 7  # searches of 32 evaluations, 32, and 36 of 64
    assert executor.looked >= 3


def test_what_was_found_before_the_executor_was_lost_is_told():
    asked = {"restart": 4, "steps": (1, 6), "atoms": (2, 3)}
    with pytest.raises(ExecutorLostError, match="the scheduler is lost") as raised:
        hunt(weight_never_falls, evaluations=10**4, **asked, executor=Losing(2))
    before = hunt(weight_never_falls, evaluations=128, **asked)  # two searches of 16 restarts
    assert in_full(raised.value.so_far) == in_full(before)
