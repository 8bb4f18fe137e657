"""Evidence for Lemma 2.1, p_{t+1} = p_t H: for curation as such, and for the float engine's own H.

In every kind of numbers H conserves mass, the winner's law summed over all tuples of candidates is
p H, and each step of the loop is that curation and its real data. Where the loop is given by exact
numbers, the float engine is run on it as well, and its log H, its log p_t and the figures of its
trajectory have to lie within their stated errors. All but these are rational functions: exact
evidence tests the claim itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product

import flint
import numpy as np

# The module, not the function: a ratio replaced there has to be noticed here.
from recurate.numerics import curation as engine
from recurate.numerics.loop import state_error
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant, equation_margins
from recurate.paper_checks.evidence.gathering.sampled import sampled_evidence
from recurate.paper_checks.foundations.ratio_monotone import curations
from recurate.paper_checks.runs.claim_values import with_means
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.kinds import CertifiedRun, ExactRun
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, dot, moments
from recurate.theory.language.ball_calls import as_ball
from recurate.theory.language.draws import random_quantity, random_weight
from recurate.theory.language.notation import curation_ratio
from recurate.theory.one_curation.lemma_2_1 import statement

_MOST_TUPLES = 600  # of candidates, that are enumerated
_BITS = 192  # of the comparison with the float engine


def winner_law(weights: Sequence[Number], probs: Sequence[Number], K: int) -> Numbers:
    """Return the winner's law from the definition: every tuple of K candidates is enumerated."""
    winner = [probs[0] * 0] * len(weights)
    for drawn in product(range(len(weights)), repeat=K):
        share = math.prod([probs[i] for i in drawn]) / sum(weights[i] for i in drawn)
        for i in drawn:
            winner[i] += share * weights[i]
    return winner


def _is_enumerable(run: Run) -> bool:
    return run.K < math.inf and run.size ** int(run.K) <= _MOST_TUPLES


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    curated = dict(curations(run))
    for where, curation in curated.items():
        yield Margin(-abs(curation.gain([1] * run.size)), f"{where}, mean of H", tight=True)
        if isinstance(run, ExactRun | CertifiedRun):
            yield from _within_stated_error(run, curation, where)
    if _is_enumerable(run):
        curation = curated["second law"]
        winner = winner_law(run.weights, curation.probs, int(run.K))
        claimed = [_claimed_mean(run, curation, atom) for atom in range(run.size)]
        yield from equation_margins(winner, claimed, "second law, winner among all tuples")
    for t in sorted({0, run.steps // 2, run.steps - 1}):
        yield from equation_margins(
            run.law(t + 1), run.mixed(run.curation(t).curated), f"the step from t = {t}"
        )
    if isinstance(run, ExactRun | CertifiedRun):
        yield from _trajectory_within_stated_error(run)


def _claimed_mean(run: Run, curation: Curation, atom: int) -> Number:
    """Return what the claim says that the winner's mean of g is, for the indicator g of an atom."""
    drawn = {
        random_quantity: [run.number(int(i == atom)) for i in range(run.size)],
        curation_ratio(random_weight): curation.ratio,
    }
    return with_means(run, statement.claim.rhs, curation.probs, drawn, {})


# In exact and certified runs, the float engine is compared with the true values. Rounding the input
# costs something besides its stated errors. Let the rounded rewards differ from the true ones by
# numbers from x to x + D, and the logarithms of a law's probabilities by E at most. A common shift
# of the rewards changes nothing, so one candidate's chance w/(w + S) changes by a factor e^D at
# most, and the law of the K - 1 others by e^{(K-1)E}: log H by D + (K-1) E, log (p H) by D + K E.
# (For K = inf, H = w/E_p w, and K is 2.) Rounding λ by a factor e^L changes each share by less.


def _within_stated_error(
    run: ExactRun | CertifiedRun, curation: Curation, where: str
) -> list[Margin]:
    """Return the margins of: the float engine's log H is within its stated error."""
    with flint.ctx.workprec(_BITS):
        true = _balls(curation.probs)
        given = _floats(true)
        log_ratio = engine.log_curation_ratio(run.instance.loop.law.rewards, given, run.K)
        cost = _reward_rounding(run) + (_power(run) - 1) * _law_rounding(given, true)
        stated = engine.RATIO_ERROR * np.maximum(1.0, np.abs(log_ratio))
        margins = _error_margins(log_ratio, _balls(curation.ratio), stated, cost)
        return [Margin(margin, f"{where}, engine's H, atom {i}") for i, margin in margins]


def _trajectory_within_stated_error(run: ExactRun | CertifiedRun) -> list[Margin]:
    """Return the margins of: the engine's log p_t and its figures are within its stated error."""
    instance, loop = run.instance, run.instance.loop
    margins: list[Margin] = []
    with flint.ctx.workprec(_BITS):
        reference = cost = _law_rounding(loop.law.probs, _balls(instance.reference))
        start = None
        if instance.initial is not None:
            start = _floats(_balls(instance.initial))
            cost = cost.max(_law_rounding(start, _balls(instance.initial)))
        trajectory = loop.run(steps=run.steps, initial=start, compress=False)
        mixing = flint.arb(0)
        if 0 < loop.lam < math.inf:
            mixing = abs((flint.arb(loop.lam) / as_ball(instance.lam)).log())
        margins += _figures_within_stated_error(run, trajectory, 0, cost)
        for t in range(1, run.steps + 1):
            cost = reference.max(_power(run) * cost + _reward_rounding(run)) + mixing
            log_probs = trajectory.log_probs(t)
            stated = state_error(t, log_probs)
            for i, margin in _error_margins(log_probs, _balls(run.law(t)), stated, cost):
                margins.append(Margin(margin, f"t = {t}, engine's p_t, atom {i}"))
            margins += _figures_within_stated_error(run, trajectory, t, cost)
    return margins


# A figure may differ from the true one by as much as it varies among all laws whose logarithms are
# as near to those of p_t as the engine states, and among all rewards as near to the true ones as
# the given ones are. One more step's error is allowed for reading it off the law: that takes
# exponentials and sums over a few atoms, as a step does, and rounds less.


def _figures_within_stated_error(
    run: ExactRun | CertifiedRun, trajectory: Trajectory, t: int, cost: flint.arb
) -> Iterator[Margin]:
    """Yield the margins of: the figures of the engine's trajectory are those of the true p_t."""
    errors = state_error(t + 1, trajectory.log_probs(t)).tolist()
    law = [
        p if p == 0 else p * flint.arb(0, flint.arb(e) + cost).exp()
        for p, e in zip(_balls(run.law(t)), errors, strict=True)
    ]
    for name, figure in _figures(run, law).items():
        error = abs(flint.arb(float(getattr(trajectory, name)[t])) - figure.mid())
        yield Margin(flint.arb(figure.rad()) - error, f"t = {t}, engine's {name}")


def _figures(run: ExactRun | CertifiedRun, law: Numbers) -> dict[str, flint.arb]:
    """Return the figures of a law in balls, for rewards that are rounded as the engine's are."""
    rounding = flint.arb(0, _reward_rounding(run))
    weights = [w * rounding.exp() for w in _balls(run.weights)]
    # Rewards have a shift besides, unlike relative weights: the engine adds r_max last.
    given = run.instance.loop.law.rewards
    ulp = flint.arb(2) ** -52 * max(1.0, float(np.abs(given).max()))
    rewards = [flint.arb(reward, ulp + _reward_rounding(run)) for reward in given.tolist()]
    figures = {
        "expected_weight": moments(weights, law, 1),
        "variance_weight": moments(weights, law, 2),
        "expected_reward": dot(law, rewards),
        "mass_at_max": run.at_top(law),
    }
    pairs = [(p, q) for p, q in zip(law, _balls(run.reference), strict=True) if p != 0]
    if all(q != 0 for _, q in pairs):
        figures["kl_to_reference"] = sum((p * (p / q).log() for p, q in pairs), flint.arb(0))
    return figures


def _error_margins(
    computed: FloatArray, true: Numbers, stated: FloatArray, cost: flint.arb
) -> Iterator[tuple[int, flint.arb]]:
    """Yield what is allowed less the error, and its atom, for computed logarithms."""
    for i, value in enumerate(true):
        if value != 0:
            error = abs(flint.arb(float(computed[i])) - value.log())
            yield i, flint.arb(float(stated[i])) + cost - error


def _power(run: Run) -> int:
    """Return by how much curation multiplies a relative error of the law at most."""
    return 2 if run.K == math.inf else int(run.K)


def _reward_rounding(run: ExactRun | CertifiedRun) -> flint.arb:
    """Return the spread D of the errors of the rewards that the float engine is given."""
    instance = run.instance
    given = [flint.arb(float(reward)) for reward in instance.loop.law.rewards]
    heights = _balls(instance.heights)
    true = heights if instance.rewards is not None else [height.log() for height in heights]
    errors = [x - y for x, y in zip(given, true, strict=True)]
    top, bottom = errors[0], errors[0]
    for error in errors:
        top, bottom = top.max(error), bottom.min(error)
    return top - bottom


def _law_rounding(given: FloatArray, true: Numbers) -> flint.arb:
    """Return the largest error E of the logarithms of the probabilities given to the engine."""
    total = sum((flint.arb(float(p)) for p in given), flint.arb(0))
    largest = flint.arb(0)
    for p, q in zip(given, true, strict=True):
        if q != 0:
            largest = largest.max(abs((flint.arb(float(p)) / total / q).log()))
    return largest


def _balls(values: Sequence[Number]) -> Numbers:
    return [as_ball(value) for value in values]


def _floats(values: Numbers) -> FloatArray:
    return np.array([float(value.mid()) for value in values])


def _tilt_at_finite_candidates(run: Run, bound: Bound) -> Iterator[Margin]:
    """H = w/μ, as for K = inf."""
    curation = run.curation(0)
    tilted = [w / curation.mean_weight for w in run.weights]
    yield from equation_margins(curation.ratio, tilted, "t = 0")


def _one_candidate_more(run: Run, bound: Bound) -> Iterator[Margin]:
    """The winner's law is p H with K others in the mean, in place of K - 1."""
    if _is_enumerable(run):
        winner = winner_law(run.weights, run.reference, int(run.K))
        curated = run.curation(0, run.K + 1).curated
        yield from equation_margins(winner, curated, "t = 0")


def _mean_for_others(run: Run, bound: Bound) -> Iterator[Margin]:
    """H = K w/(w + (K-1) μ): each other candidate weighs the mean."""
    curation = run.curation(0)
    for i, (w, h) in enumerate(zip(run.weights, curation.ratio, strict=True)):
        mean_field = run.K * w / (w + (run.K - 1) * curation.mean_weight)
        yield Margin(-abs(h - mean_field), f"atom {i}", tight=True)


def _mass_under_reference(run: Run, bound: Bound) -> Iterator[Margin]:
    """H of p_t conserves mass under p_ref."""
    for t in range(1, run.steps + 1):
        yield Margin(-abs(dot(run.reference, run.curation(t).ratio) - 1), f"t = {t}", tight=True)


def _no_real_data(run: Run, bound: Bound) -> Iterator[Margin]:
    """p_{t+1} = p_t H in the mixed loop."""
    for t in range(run.steps):
        yield from equation_margins(run.law(t + 1), run.curation(t).curated, f"t = {t}")


check = Check(
    statement=statement,
    margins=_margins,
    sampled=sampled_evidence,
    instances=(
        two_points("1/3", "1/2", steps=3),
        two_points("1/1000", "1/1000", K=3, lam="1/2", steps=3),
        Instance.of(
            "1/100 2/7 2/3 1", "1/2 1/3 1/7 1/42", second="1/4 0 1/4 1/2", K=4, lam=1, steps=2
        ),
        # From another start the engine keeps one number an atom, in place of one a weight.
        Instance.of("1/3 1/3 1", "1/2 1/4 1/4", initial="1/10 4/5 1/10", K=2, lam=2, steps=3),
    ),
    mutants=(
        Mutant(
            "p_{t+1} proportional to p_t e^r at finite K",
            margins=_tilt_at_finite_candidates,
            admits=lambda run: run.K < math.inf,
        ),
        Mutant(
            "H is the mean over K others, in place of K - 1",
            margins=_one_candidate_more,
        ),
        Mutant(
            "H = K w/(w + (K-1) E_t w), the others' mean in place of the mean over the others",
            margins=_mean_for_others,
            admits=lambda run: run.K < math.inf,
        ),
        Mutant("H of p_t conserves the mass of p_ref", margins=_mass_under_reference),
        Mutant(
            "p_{t+1} = p_t H in every loop, real data mixed in",
            margins=_no_real_data,
            admits=lambda run: True,
            instances=(two_points("1/3", "1/2", lam=1),),
        ),
    ),
)
