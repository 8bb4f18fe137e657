"""What is said to be tight is attained: exactly, or within 1e-6 where only a limit attains it.

Each equality case of the statements beyond the paper's loop has a loop here where the two sides are
equal: in rationals, or in balls of 128 bits that contain zero and are smaller than 1e-20.
"""

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial

import flint
import pytest
import sympy

from recurate.paper_checks.any_choice.any_choice_divergence import equal_atoms
from recurate.paper_checks.any_choice.groups import floors
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.fixed_points.objectives import VotersLoop
from recurate.paper_checks.many_voters.voters import built_instance, instance_of_voters
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.kinds import CertifiedRun
from recurate.paper_checks.runs.ruled.choosing import (
    Avoid,
    BradleyTerry,
    ChoiceTable,
    Click,
    Electorate,
    Seek,
)
from recurate.paper_checks.runs.ruled.games import circle, preference, uniform
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import CertifiedRuledRun, ExactRuledRun
from recurate.paper_checks.runs.ruled.wider import ExactWiderRun, NetworkOf, PromptsOf
from recurate.paper_checks.runs.run import dot
from recurate.paper_checks.runs.written import fractions
from recurate.theory.any_choice.best_of_k import win_rate
from recurate.theory.any_choice.bounded_gap_envelope import ceiling
from recurate.theory.catalogue import STATEMENTS
from recurate.theory.language import OptimalDivergence, ShareCeiling
from recurate.theory.language.notation import K, real_rounds, share, t, top_mass, weight_ratio
from recurate.theory.language.notation import lam as mixing

BITS = 128
ONE, HALF = Fraction(1), Fraction(1, 2)
HALVES = fractions("1/2 1/2")
FIFTHS = fractions("1/5 4/5")
THREE = fractions("1/5 1/2 3/10")
WITH_NONE = fractions("0 1/3 2/3")  # an atom without mass, so that u = 0, and 1 of the others
FIRST = (1, 0, 0)
EVERY = [(1, 0, 0), (0, 1, 0), (1, 1, 0), (0, Fraction(1, 3), Fraction(3, 4))]

Gaps = Iterable[Fraction | flint.arb]


def small(value):
    """Whether a number is zero, as far as it can be told."""
    if isinstance(value, flint.arb):
        return bool(value.contains(0)) and value.rad() < 1e-20
    return value == 0


def tight(name, instance, where="", *, kind="exact"):
    """Margins of a check at its places of equality, of those whose name has this in it."""
    check = CHECKS[name]
    setting = check.setting
    run = setting.exact_run(instance) if kind == "exact" else setting.certified_run(instance, BITS)
    assert check.speaks_of(run) or check.is_open is not None
    margins = check.margins_of(run)
    if check.everywhere is not None:
        margins = list(check.everywhere(run, None))
        return [margin.value for margin in margins]
    return [margin.value for margin in margins if margin.tight and where in margin.where]


def bound(name, run, **given):
    return run.evaluate(STATEMENTS[name].bound, **given)


# Whatever people choose


def chosen(reference, rule, groups, steps=2):
    """T(p_t)(φ) - u^K, u = p_t(φ)."""
    run = ExactRuledRun(RuledInstance(reference, rule, steps, ONE))
    for at in range(steps):
        law, won = run.choice(at)
        for φ in groups:
            u = run.mean(law, φ)
            yield run.mean(won, φ) - bound("any-choice-bound", run, share=u, K=run.K)


def enveloped(reference, rule, groups, lam=ONE, steps=3, *, only_start=False):
    """p_t(φ) - G_t(u) from t = 0 on, u = p_ref(φ)."""
    run = ExactRuledRun(RuledInstance(reference, rule, steps, lam))
    for φ in groups:
        u = run.mean(run.reference, φ)
        for at in range(1 if only_start else steps + 1):
            floor = bound("share-envelope", run, share=u, K=run.K, lam=lam, steps=at)
            yield run.mean(run.law(at), φ) - floor


def in_general(instance, groups, *, only_start=False):
    """The same of the general envelope, for each model, or the mean law."""
    if isinstance(instance, RuledInstance):
        views = ExactRuledRun(instance).views
    else:
        views = ExactWiderRun(instance).views
    for view in views:
        for φ in groups:
            least = floors(view, view.mean(view.reference, φ))
            for at in range(1 if only_start else view.steps + 1):
                yield view.mean(view.law(at), φ) - least[at]


def loop(rule, reference=THREE, steps=3, lam=ONE, **given):
    return RuledInstance(reference, rule, steps, lam, **given)


def diverging(instance, name="any-choice-divergence", at=None):
    """S_t - KL(p_t‖p_0), or another bound."""
    run = CertifiedRuledRun(instance, BITS)
    with flint.ctx.workprec(BITS):
        for step in range(instance.steps + 1) if at is None else [at]:
            given = {"K": run.K, "lam": instance.lam, "steps": step}
            yield bound(name, run, **given) - run.kl(run.law(step), run.law(0))


def contracted(p, q, rule):
    """1 - (1-TV)^K - TV(T(p), T(q))."""
    run = ExactRuledRun(RuledInstance(p, rule, 1, ONE, second=q))
    distance = run.total_variation(run.law(0), run.second)
    moved = run.total_variation(run.chosen_from(run.law(0), 0), run.chosen_from(run.second, 0))
    yield bound("any-choice-contraction", run, K=run.K, total_variation=distance) - moved


NEW = (fractions("1/2 1/2 0"), fractions("1/3 1/3 1/3"))  # q = (2/3) p + (1/3) s
NEW_ONES = fractions("1/2 1/2 0 0"), fractions("1/4 1/4 1/8 3/8")


def two_rewards(candidates, factor=5, reference=FIFTHS, lam=ONE, *, only_start=False):
    """p_t(φ) - G_t(u) of the group with weight 1, the other one's being the factor, in balls."""
    rule = BradleyTerry(candidates, (ONE, Fraction(factor)))
    run = CertifiedRuledRun(RuledInstance(reference, rule, 3, lam), BITS)
    with flint.ctx.workprec(BITS):
        given = {"lam": lam, "K": candidates, "reward_gap": run.number(factor).log()}
        for φ, end in (((1, 0), STATEMENTS["bounded-gap-envelope"].bound), ((0, 1), ceiling)):
            φ = [run.number(x) for x in φ]
            u = run.mean(run.reference, φ)
            for at in range(1 if only_start else 4):
                yield run.mean(run.law(at), φ) - run.evaluate(end, share=u, steps=at, **given)


def on_choices(instance, number=1, at=0):
    """The bound of the mean distance of the loop on N choices after t rounds, less TV at t = 0."""
    run = CertifiedRun(instance, BITS)
    with flint.ctx.workprec(BITS):
        given = {
            "lam": run.lam,
            "top_mass": run.at_top(run.reference),
            "limit_top_mass": run.at_top(run.reference),
            "total_variation": run.total_variation(run.second, run.reference),
            "K": run.K,
            "atoms": run.size,
            "choices": number,
        }
        return run, bound("finite-sample-loop", run, steps=at, **given), given["total_variation"]


def at_the_start():
    _, value, distance = on_choices(SURELY)
    yield value - distance


def without_synthetic_data():
    # p^_t = p_ref = p_inf from t = 1 on.
    for at in (1, 2):
        _, value, _ = on_choices(Instance.of("1/2 1", "2/3 1/3", second="0 1", K=2, lam=0), 1, at)
        yield value


SURELY = Instance.of("1/2 1", "2/3 1/3", second="0 1", K=1, lam=1)

# Accumulation


def accumulated(rule, reference, groups, *, only_start=False):
    """p_t(φ) - u ν/(ν+t) for n_0 = 3 n."""
    run = ExactRuledRun(RuledInstance(reference, rule, 3, training=(Fraction(3), ONE)))
    for φ in groups:
        u = run.mean(run.reference, φ)
        for at in range(1 if only_start else 4):
            floor = bound("accumulation-floor", run, share=u, real_rounds=Fraction(3), steps=at)
            yield run.mean(run.law(at), φ) - floor


def taken_over(candidates, reference, steps, ratio=Fraction(1, 3)):
    """What the claim leaves off the top weight, less what is there, for these t; n_0 = n."""
    rule = BradleyTerry(candidates, (ratio, ONE))
    run = ExactRuledRun(RuledInstance(reference, rule, 3, training=(ONE, ONE)))
    values = {K: candidates, weight_ratio: ratio, top_mass: run.reference[1], real_rounds: ONE}
    for at in steps:
        written_out = sympy.expand_func(STATEMENTS["accumulation-rate"].bound.subs(t, at))
        most = value_of(run, written_out, values | {mixing: ONE})
        yield most - run.law(at)[0]


# Many voters

LAW = fractions("1/2 1/3 1/6")
OTHERS = [fractions("1 2 4"), fractions("9 1 3")]


def voters_at_their_limit(*, pure):
    make = VotersLoop.without_real_data if pure else VotersLoop.around
    made = make(list(LAW), list(fractions("1/4 3/4")), [list(w) for w in OTHERS], HALF)
    return built_instance(made, LAW, 2, LAW)


NO_SYNTHETIC = instance_of_voters(
    LAW, list(fractions("1/4 3/4")), OTHERS, 2, Fraction(0), fractions("1/6 1/2 1/3"), LAW
)
TURNING = preference({(0, 1): Fraction(-1), (1, 2): Fraction(-1), (0, 2): ONE}, 3)
ALIKE = preference({(0, 1): HALF, (0, 2): HALF, (1, 2): -ONE}, 3)
VOTERS = circle(3, fractions("4 2 1"))


def preferred(reference, steps):
    """(1-q) (1 - δq)^t less the rest."""
    run = ExactRuledRun(RuledInstance(reference, ALIKE, 2))
    for at in steps:
        most = STATEMENTS["condorcet-winner"].bound.subs(t, at)
        given = {"top_mass": reference[0], "preference_margin": HALF}
        yield run.evaluate(most, **given) - (1 - run.law(at)[0])


AVOID, ONLY_CLICKS = Avoid(3, (0,)), Click()
TABLE = ChoiceTable(3, 5, sees_law=True, changes=True)
PAIRS = [
    Electorate(fractions("1/3 2/3"), (Avoid(2, (0,)), AVOID)),
    RuledInstance(THREE, AVOID, 3, Fraction(2), Fraction(1, 4)),
    RuledInstance(THREE, AVOID, 3, training=(Fraction(3), ONE)),
]
ROCK = RuledInstance(LAW, TURNING, 3, second=uniform(3))
FIXED_VALUE = two_points("1/2", "1/3", K=math.inf, lam=1)

CASES: dict[str, dict[str, Callable[[], Gaps]]] = {
    "any-choice-bound": {
        "K = 1": partial(chosen, THREE, ONLY_CLICKS, EVERY),
        "u = 0 or 1": partial(chosen, WITH_NONE, TABLE, [(1, 0, 0), (0, 1, 1)]),
        "a member is chosen only if all K are members": partial(chosen, THREE, AVOID, [FIRST]),
    },
    "share-envelope-general": {
        "t = 0": partial(in_general, loop(TABLE), EVERY, only_start=True),
        "K_j = 1 for all j": partial(in_general, loop(ONLY_CLICKS, retained=HALF), EVERY),
        "u = 0 or 1": partial(in_general, loop(TABLE, WITH_NONE), [(1, 0, 0), (0, 1, 1)]),
        "a member is chosen only if all candidates are members, training sets being infinite": (
            lambda: (
                gap
                for instance in (loop(PAIRS[0]), *PAIRS[1:])
                for gap in in_general(instance, [FIRST])
            )
        ),
    },
    "share-envelope": {
        "K = 1": partial(enveloped, THREE, ONLY_CLICKS, EVERY),
        "λ = 0": partial(enveloped, THREE, TABLE, EVERY, Fraction(0)),
        "t = 0": partial(enveloped, THREE, TABLE, EVERY, only_start=True),
        "u = 0 or 1": partial(enveloped, WITH_NONE, TABLE, [(1, 0, 0), (0, 1, 1)]),
        "a member is chosen only if all K are members: equality at every t": partial(
            enveloped, THREE, AVOID, [FIRST]
        ),
    },
    "any-choice-divergence": {
        "K = 1": partial(diverging, loop(ONLY_CLICKS)),
        "λ = 0": partial(diverging, loop(TABLE, lam=Fraction(0))),
        "t = 0": partial(diverging, loop(TABLE), at=0),
    },
    "any-choice-contraction": {
        "K = 1": partial(contracted, *NEW_ONES, ONLY_CLICKS),
        "p = q": partial(contracted, THREE, THREE, ChoiceTable(3, 5)),
        "q = (1-δ) p + δ s, s on points where p has no mass, which win whenever one is a "
        "candidate": lambda: (
            gap
            for (p, q), new in ((NEW, (2,)), (NEW_ONES, (2, 3)))
            for gap in contracted(p, q, Seek(3, new))
        ),
    },
    "noise-equivalence": {
        "always: it is an equation": partial(
            tight, "noise-equivalence", RuledInstance(THREE, TABLE, 2, ONE, second=LAW)
        ),
    },
    "best-of-k": {
        "K = 1": partial(diverging, equal_atoms(3, 1, math.inf, 3), "best-of-k"),
        "t = 0": partial(diverging, equal_atoms(3, 4, math.inf, 2), "best-of-k", 0),
    },
    "bounded-gap-envelope": {
        "t = 0": partial(two_rewards, 3, only_start=True),
        "u = 0 or 1": partial(two_rewards, 3, reference=fractions("0 1")),
        "Δ = 0": partial(two_rewards, 3, factor=1),
        "λ = 0": partial(two_rewards, 3, lam=Fraction(0)),
        "one voter whose reward is 0 on the group and Δ off it, and K candidates": lambda: (
            gap for number in (1, 2, 5, math.inf) for gap in two_rewards(number)
        ),
    },
    "finite-sample-loop": {
        "t = 0": at_the_start,
        "λ = 0": without_synthetic_data,
        "t = 1, N = 1, two atoms, p^_0 = p_inf and T(p_inf) = (1/2, 1/2)": partial(
            tight, "finite-sample-loop", Instance.of("1/2 1", "2/3 1/3", K=math.inf, lam=1)
        ),
    },
    "pluralistic-objective": {
        "p_0 = p*": lambda: (
            gap
            for pure in (False, True)
            for gap in tight(
                "pluralistic-objective", voters_at_their_limit(pure=pure), "gap", kind="certified"
            )
        ),
        "t = 0 and λ = 0": partial(
            tight, "pluralistic-objective", NO_SYNTHETIC, "the loop, t = 0, gap", kind="certified"
        ),
        "the rise of F, and KL(p_{t+1}‖p_t): a fixed point p_t, and λ = 0": lambda: (
            gap
            for instance in (voters_at_their_limit(pure=False), NO_SYNTHETIC)
            for gap in tight("pluralistic-objective", instance, "rise", kind="certified")
        ),
    },
    "implicit-objective": {
        "p_0 = p* = q": partial(
            tight, "implicit-objective", FIXED_VALUE, "limit: uniform law; q: the", kind="certified"
        ),
    },
    "nash-welfare": {
        "p_0 = p* = q": partial(
            tight, "nash-welfare", voters_at_their_limit(pure=True), "q: p*", kind="certified"
        ),
    },
    "voters-gain": {
        "it is an equation": partial(tight, "voters-gain", NO_SYNTHETIC, "voter"),
    },
    "preference-game": {"it is an equation": partial(tight, "preference-game", ROCK)},
    "condorcet-winner": {
        "t = 0": partial(preferred, THREE, [0]),
        "t = 1 and A(x*, y) = δ for each other answer y with mass": partial(preferred, THREE, [1]),
        "q = 1": partial(preferred, fractions("1 0 0"), [0, 1, 2]),
    },
    "condorcet-cycle": {
        "Σ_y A(x, y) p_t(y) = 0 wherever q has mass": lambda: (
            gap
            for instance in (
                RuledInstance(uniform(3), TURNING, 3, second=uniform(3)),
                # The others move, and q = (1, 0, 0) does not see it.
                RuledInstance(LAW, preference({(1, 2): HALF}, 3), 3, second=fractions("1 0 0")),
            )
            for gap in tight("condorcet-cycle", instance)
        ),
    },
    "accumulation-floor": {
        "t = 0": partial(accumulated, TABLE, THREE, EVERY, only_start=True),
        "u = 0": partial(accumulated, TABLE, WITH_NONE, [FIRST]),
        "a member is never chosen": partial(
            accumulated, BradleyTerry(math.inf, fractions("0 1 1")), THREE, [FIRST]
        ),
    },
    "accumulation-rate": {
        "t = 0": partial(taken_over, 3, HALVES, [0]),
        "K = 1": partial(taken_over, 1, HALVES, [0, 1, 2, 3]),
        "q = 1": partial(taken_over, 3, fractions("0 1"), [0, 1, 2, 3]),
        "K = inf, two weights and t = 1": partial(taken_over, math.inf, HALVES, [1]),
    },
    "objective-monotone": {
        "K = 1": partial(
            tight, "objective-monotone", two_points("1/3", "1/2", K=1, lam=1), kind="certified"
        ),
        "λ = 0": partial(
            tight, "objective-monotone", two_points("1/3", "1/2", K=2, lam=0), kind="certified"
        ),
        "one atom": partial(
            tight, "objective-monotone", Instance.of("1", "1", K=2, lam=1), kind="certified"
        ),
    },
    "cyclic-voters-settle": {
        "p_t = q": partial(
            tight, "cyclic-voters-settle", RuledInstance(uniform(3), VOTERS, 2, second=uniform(3))
        ),
        "r is constant": partial(
            tight,
            "cyclic-voters-settle",
            RuledInstance(LAW, circle(3, fractions("2 2 2")), 2, second=uniform(3)),
        ),
    },
}


NEARLY = {
    "any-choice-divergence": (
        "hard best of K of a reward without ties and with a density: equality at every t",
        "approached by n equal atoms as n grows, to 9e-8 for n = 10^4, K = 4, λ = 1, t = 3",
    ),
    "best-of-k": (
        "rewards without ties, that is, a continuous distribution function of the reward",
    ),
    "finite-sample-loop": ("approached for K = 1 from any start as N grows: both tend to a^t TV",),
}
"""Cases that only a limit attains, with the tests below."""


@pytest.mark.parametrize("name", CASES)
def test_each_equality_case_that_is_listed_is_tried(name):
    assert {*CASES[name], *NEARLY.get(name, ())} == set(STATEMENTS[name].equality_cases)


def test_each_statement_beyond_the_loop_of_the_paper_is_here():
    chapters = ("any_choice", "many_voters", "accumulation")
    new = {name for name, of in STATEMENTS.items() if of.module.split(".")[2] in chapters}
    assert set(CASES) == new | {"finite-sample-loop", "objective-monotone", "cyclic-voters-settle"}


@pytest.mark.parametrize(("name", "case"), [(name, case) for name in CASES for case in CASES[name]])
def test_both_sides_are_equal(name, case):
    with flint.ctx.workprec(BITS):
        gaps = list(CASES[name][case]())
        assert gaps
        assert all(small(gap) for gap in gaps), gaps


# Limits


def test_many_equal_atoms_come_near_the_worst_divergence():
    # 9e-8 as the statement has it; .85 and .95 are where it would be rounded to another digit.
    (gap,) = diverging(equal_atoms(10_000, 4, ONE, 3), at=3)
    assert gap > 8.5e-8
    assert gap < 9.5e-8


@pytest.mark.parametrize(("candidates", "steps"), [(2, 1), (4, 2)])
def test_many_equal_atoms_come_near_both_bounds_of_the_best(candidates, steps):
    instance = equal_atoms(4_000, candidates, math.inf, steps)
    (gap,) = diverging(instance, "best-of-k", steps)
    assert gap > 0
    assert gap < 1e-6
    run = CertifiedRuledRun(instance, BITS)
    with flint.ctx.workprec(BITS):
        middles = [run.number(Fraction(2 * i + 1, 8_000)) for i in range(4_000)]
        wins = dot(run.law(steps), middles)
        gap = value_of(run, win_rate, {t: steps}) - wins
    assert gap > 0
    assert gap < 1e-6


def test_one_candidate_and_many_choices_come_near_the_sum_of_start_and_noise():
    # p^_1 is a TV away from an atom that has all mass; the noise adds a/(2 N^(1/2)) for two atoms.
    for number in (10**12, 10**14):
        run, value, distance = on_choices(SURELY, number, 1)
        assert list(run.curation_of(run.second, run.K).curated) == run.second
        with flint.ctx.workprec(BITS):
            gap = value - distance / 2
        assert gap > 0
        assert gap < 1e-6
        assert (16 * number * gap * gap).contains(1)


# Remarks that say so


@pytest.mark.parametrize("candidates", [1, 2, 5])
def test_seeking_a_group_attains_the_other_end_of_one_choice(candidates):
    run = ExactRuledRun(loop(Seek(candidates, (0, 2))))
    for at in range(run.steps):
        law, won = run.choice(at)
        assert won[0] + won[2] == 1 - law[1] ** candidates
    # K u itself is approached as u falls.
    rare = (Fraction(1, 10**7), 1 - Fraction(1, 10**7))
    _, won = ExactRuledRun(loop(Seek(candidates, (0,)), rare)).choice(0)
    assert 0 <= candidates - won[0] / rare[0] < 1e-6 * max(candidates**2, 1)


@pytest.mark.parametrize("lam", [HALF, ONE, math.inf])
def test_seeking_a_group_attains_the_ceiling(lam):
    run = ExactRuledRun(loop(Seek(3, (0,)), lam=lam))
    most = ShareCeiling(share, mixing, K, t)
    for at in range(4):
        assert run.law(at)[0] == run.evaluate(most, share=run.reference[0], lam=lam, K=3, steps=at)


@pytest.mark.parametrize(
    ("u", "y", "candidates", "steps"), [("1/2", "1/5", 2, 12), ("1/10", "1/20", 4, 3)]
)
def test_what_stays_for_ever_is_approached_and_no_larger_lambda_keeps_it(u, y, candidates, steps):
    # The distance from y is multiplied by a K y^(K-1) at each step in the end, .26 and .0002.
    u, y = Fraction(u), Fraction(y)
    most = (u - y) / (y - y**candidates)
    for lam, keeps in ((most, True), (most * (1 + Fraction(1, 1000)), False)):
        rule = Avoid(candidates, (0,))
        run = CertifiedRuledRun(RuledInstance((u, 1 - u), rule, steps, lam), BITS)
        last = run.law(steps)[0] - run.number(y)
        assert last > 0 if keeps else last < 0
        assert abs(last) < (1e-6 if keeps else 1e-3)


def test_the_worst_divergence_rises_to_the_optimal_one():
    run = CertifiedRuledRun(equal_atoms(2, 2, HALF, 1), BITS)
    with flint.ctx.workprec(BITS):
        limit = run.evaluate(OptimalDivergence(mixing, K), lam=HALF, K=2)
        left = [
            limit - bound("any-choice-divergence", run, K=2, lam=HALF, steps=at) for at in (5, 40)
        ]
    assert all(gap > 0 for gap in left)
    assert left[1] < 1e-6 < left[0]


def test_mixtures_of_all_kinds_have_the_floor_of_their_own():
    # Prompts: the sum of p(z) G_t(u_z), each attained at its prompt; G_t(u) if all u_z are u.
    rule = Avoid(3, (0,))
    prompts = (loop(rule), loop(rule, fractions("1/2 1/4 1/4")))
    (view,) = ExactWiderRun(PromptsOf(fractions("1/3 2/3"), prompts)).views
    least = [floors(part, part.reference[0])[3] for part in view.parts]
    assert view.law(3)[0] + view.law(3)[3] == least[0] / 3 + 2 * least[1] / 3
    alike = PromptsOf(fractions("1/3 2/3"), (loop(rule), loop(rule)))
    assert all(gap == 0 for gap in in_general(alike, [(1, 0, 0, 1, 0, 0)]))
    # A network: that of the least α and largest K, if all models have them.
    network = NetworkOf((loop(rule), loop(rule)), (fractions("1/2 1/2"), fractions("1/4 3/4")))
    assert all(gap == 0 for gap in in_general(network, [FIRST]))


@pytest.mark.parametrize("candidates", [2, 5])
def test_no_smaller_factor_than_K_contracts_laws_that_are_near(candidates):
    tiny = Fraction(1, 10**7)
    near = ((1 - tiny) / 2, (1 - tiny) / 2, tiny)
    run = ExactRuledRun(loop(Seek(candidates, (2,)), NEW[0], second=near))
    moved = run.total_variation(run.chosen_from(run.law(0), 0), run.chosen_from(run.second, 0))
    assert 0 < candidates - moved / tiny < 1e-5


def test_a_preferred_answer_takes_exactly_the_least_at_each_step():
    run = ExactRuledRun(RuledInstance(THREE, ALIKE, 4))
    for at in range(4):
        x, after = run.law(at)[0], run.law(at + 1)[0]
        assert 1 - after == (1 - x) * (1 - x / 2)


def mean_weight(weight, steps):
    """E_t w of the weights 1 and this, from (½, ½), where p_t is proportional to w^t."""
    return (1 + weight ** (steps + 1)) / (1 + weight**steps)


def test_the_rate_of_nash_welfare_is_best_but_for_a_factor():
    # Weights 1 and 1 - ε, t + 1 = 1.28/ε: .4 of the bound log 2/(t+1), to two digits.
    weights = [ONE, Fraction(9, 10)]
    run = ExactRuledRun(instance_of_voters(HALVES, [ONE], [weights], 12))
    assert dot(run.law(12), weights) == mean_weight(weights[1], 12)
    with flint.ctx.workprec(BITS):
        for width in (100, 1000, 10_000):
            steps = 128 * width // 100 - 1
            weight = 1 - flint.arb(1) / width
            part = -mean_weight(weight, steps).log() * (steps + 1) / flint.arb(2).log()
            assert part > 0.4
            assert part < 0.41


# How often the hypotheses are met


@pytest.mark.parametrize("name", CASES)
def test_drawn_loops_meet_the_hypotheses(name):
    check = CHECKS[name]
    with flint.ctx.workprec(BITS):
        for pool in (check.setting.exact_pool(0, 60), check.setting.certified_pool(0, 40)):
            if pool[0].kind == "exact" and not check.is_exact:
                continue
            spoken = [run for run in pool if check.speaks_of(run)]
            assert len(spoken) >= len(pool) / 5
            assert sum(not run.is_degenerate for run in spoken) >= len(spoken) / 2
