"""Evidence for Condorcet cycles: how KL(q‖p_t) grows at every step of pure loops of pairs.

Its rational core: the product of H_t(x)^(N q(x)) over the answers is at most 1, N being the common
denominator of q.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.ruled.games import (
    GAMES,
    advantages,
    circle,
    exact_advantages,
    game_loops,
    instance_of_run,
    is_balance,
    is_of_pairs,
    preference,
    uniform,
    won,
)
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers, log_of
from recurate.paper_checks.runs.written import fractions
from recurate.theory.many_voters.condorcet_cycle import statement


def balance_of(run: RuledRun) -> Numbers:
    """Return the balance that is tried: the second law, and the uniform one in floating point."""
    if instance_of_run(run) is None:
        return [run.number(Fraction(1, run.size))] * run.size
    return run.second


def has_balance(run: RuledRun) -> bool:
    """Return whether that law is a balance of the preferences, with mass only where p_0 has."""
    matrix, balance = exact_advantages(run), balance_of(run)
    if any(p == 0 for p, q in zip(run.law(0), balance, strict=True) if q != 0):
        return False
    given = instance_of_run(run)
    if given is None:  # all rows with one multiplier, which need not be exact
        return is_balance(matrix, [run.number(1)] * run.size)
    return is_balance(matrix, given.second or given.reference)


def growths(law: Numbers, chosen: Numbers, balance: Numbers) -> list[tuple[Number, Number]]:
    """Return q(x) and H(x) = T(p)(x)/p(x), wherever q has mass."""
    rows = zip(law, chosen, balance, strict=True)
    return [(q, after / before) for before, after, q in rows if q != 0]


def _is_fixed(run: RuledRun) -> bool:
    """Return whether the start is a fixed point, for certain: balls hide it, and rationals tell."""
    given = instance_of_run(run)
    if given is None:
        return False
    start = given.initial or given.reference
    gains = zip(won(exact_advantages(run), start), start, strict=True)
    return all(gain == 0 for gain, p in gains if p != 0)


def _pairs(run: RuledRun) -> Iterator[tuple[int, list[tuple[Number, Number]], bool]]:
    """Yield t, q(x) and H_t(x) for each x of q's support, and whether A p_t is zero there."""
    matrix, balance = advantages(run), balance_of(run)
    never_moves = _is_fixed(run)
    for t in range(run.steps):
        law, chosen = run.choice(t)
        gains = zip(won(matrix, law), balance, strict=True)
        is_still = never_moves or all(gain == 0 for gain, q in gains if q != 0)
        yield t, growths(law, chosen, balance), is_still


def _growth(pairs: list[tuple[Number, Number]]) -> Number:
    """Return KL(q‖p_{t+1}) - KL(q‖p_t) = -Σ_x q(x) log H_t(x)."""
    return -sum((q * log_of(h) for q, h in pairs), 0)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for t, pairs, is_still in _pairs(run):
        growth = _growth(pairs)
        yield Margin(growth, f"t = {t}", tight=is_still)
        yield Margin(growth - _square(pairs) / 4, f"t = {t}, strictly", tight=is_still)


def _square(pairs: list[tuple[Number, Number]]) -> Number:
    """Return E_q (A p_t)², as A p_t = H_t - 1."""
    return sum((q * (h - 1) * (h - 1) for q, h in pairs), 0)


def power_of_growths(pairs: list[tuple[Fraction, Fraction]]) -> Fraction:
    """Return the product of H(x)^(N q(x)), N being the common denominator of q."""
    number = math.lcm(*(q.denominator for q, _ in pairs))
    return math.prod((h ** int(number * q) for q, h in pairs), start=Fraction(1))


def _core_margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for t, pairs, is_still in _pairs(run):
        yield Margin(1 - power_of_growths(pairs), f"t = {t}", tight=is_still)


def _falls(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for t, pairs, _ in _pairs(run):
        yield Margin(power_of_growths(pairs) - 1, f"t = {t}")


def _by_half_the_square(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for t, pairs, _ in _pairs(run):
        yield Margin(_growth(pairs) - _square(pairs) / 2, f"t = {t}")


def _symmetric(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """A symmetric matrix with the same balance: S(x, y) = c (1 - [x = y]/q(x)), c the least q/2.

    p' is p (1 + S p) over its sum, and the claim that KL(q‖p') >= KL(q‖p).
    """
    balance, law = run.second, run.law(0)
    if any(q == 0 for q in balance):
        return
    least = min(balance) / 2
    moved = [p * (1 + least * (1 - p / q)) for p, q in zip(law, balance, strict=True)]
    total = sum(moved)
    pairs = growths(law, [mass / total for mass in moved], balance)
    yield Margin(1 - power_of_growths(pairs), "t = 0")


def _distance(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """TV(q, p_t) never falls."""
    for t in range(run.steps):
        before, after = (run.total_variation(run.second, run.law(s)) for s in (t, t + 1))
        yield Margin(after - before, f"t = {t}")


def _unweighted(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """The uniform law in place of q."""
    matrix = advantages(run)
    for t in range(run.steps):
        law, chosen = run.choice(t)
        if all(p != 0 for p in law) and any(won(matrix, law)):
            pairs = growths(law, chosen, list(uniform(run.size)))
            yield Margin(1 - power_of_growths(pairs), f"t = {t}")


def _is_pure_game(run: RuledRun) -> bool:
    return is_of_pairs(run) and bool(run.lam == math.inf)


_ROCK = preference({(0, 1): Fraction(-1), (1, 2): Fraction(-1), (0, 2): Fraction(1)}, 3)
_NEAR = fractions("3/10 9/25 17/50")
_THREE = fractions("1/2 1/3 1/6")
# Weights near e^r of the rewards 2, 1, 0.
_VOTERS = fractions("739/100 272/100 1")
_AWAY = RuledInstance(_NEAR, circle(3, _VOTERS), 2, second=uniform(3))

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core_margins,
    setting=GAMES,
    requires={"pure": _is_pure_game, "balance": has_balance},
    loops=game_loops(),
    instances=(
        RuledInstance(_NEAR, circle(2, _VOTERS), 4, second=uniform(3)),
        RuledInstance(_THREE, _ROCK, 4, second=uniform(3)),
        # At the balance itself nothing moves; nor where A is zero.
        RuledInstance(uniform(3), _ROCK, 3, second=uniform(3)),
        RuledInstance(_THREE, preference({}, 3), 2, second=uniform(3)),
    ),
    mutants=(
        Mutant("KL(q‖p_t) never grows", margins=_falls),
        Mutant(
            "it grows by E_q (A p_t)²/2 at least",
            margins=_by_half_the_square,
            is_exact=False,
        ),
        Mutant("for symmetric A, too", margins=_symmetric),
        Mutant("TV(q, p_t) never falls", margins=_distance),
        Mutant(
            "the uniform law in place of q",
            margins=_unweighted,
            admits=lambda run: run.kind == "exact" and _is_pure_game(run) and has_balance(run),
        ),
        Mutant(
            "for three candidates, too",
            admits=lambda run: run.K == 3 and run.kind != "property" and run.size == 3,
            margins=lambda run, bound: _own_growth(run),
            instances=(_AWAY,),
        ),
        Mutant(
            "with real data mixed in, too",
            margins=lambda run, bound: _from_step_to_step(run),
            admits=lambda run: run.kind == "exact" and is_of_pairs(run) and has_balance(run),
            instances=(RuledInstance(uniform(3), _ROCK, 2, Fraction(1), initial=_THREE),),
        ),
    ),
)


def _own_growth(run: RuledRun) -> Iterator[Margin]:
    law, chosen = run.choice(0)
    yield Margin(1 - power_of_growths(growths(law, chosen, run.second)), "t = 0")


def _from_step_to_step(run: RuledRun) -> Iterator[Margin]:
    for t in range(run.steps):
        pairs = growths(run.law(t), run.law(t + 1), run.second)
        yield Margin(1 - power_of_growths(pairs), f"t = {t}")
