"""Evidence that noise acts like less synthetic data, at laws p that are fixed points by design.

A law p is a fixed point of the loop with the reference (p - a' T(p))/(1-a'), for each a' for which
that is a law. So what a loop with noise does there needs no limit. Flipped votes are computed from
the flipped preferences. All of it is rational.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.evidence.check import equation_margins as equations
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.choosing import BestBy, BradleyTerry, Preference
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.ruled.setting import RULED, ruled_loops
from recurate.paper_checks.runs.run import Number, Numbers
from recurate.paper_checks.runs.written import fractions
from recurate.theory.any_choice.noise_equivalence import (
    mass,
    noise,
    noisy,
    quiet,
    smaller_lam,
    statement,
)
from recurate.theory.language.notation import lam

_NOISE = fractions("1/4 9/10")
_FLIPS = fractions("1/10 2/5")

Equivalent = Callable[[Any], Any]
"""From ε or φ to λ'/λ, what is left of λ."""


def _mixed(share: Number, one: Numbers, other: Numbers) -> Numbers:
    """Return (1 - share) times the one law and share times the other."""
    return [(1 - share) * x + share * y for x, y in zip(one, other, strict=True)]


def _designed(run: RuledRun, p: Numbers, chosen: Numbers) -> tuple[Number, Numbers]:
    """Return a' and the reference for which p is a fixed point, given T(p)."""
    ratios = [c / x for c, x in zip(chosen, p, strict=True) if x > 0]
    highest = ratios[0]
    for ratio in ratios[1:]:
        highest = highest if highest > ratio else ratio
    a = run.number(Fraction(1, 2)) / highest
    return a, [(x - a * c) / (1 - a) for x, c in zip(p, chosen, strict=True)]


def _step(reference: Numbers, synthetic: Numbers, mixing: Number) -> Numbers:
    """Return the next law for this λ: real data, and synthetic data."""
    return _mixed(mixing / (1 + mixing), reference, synthetic)


def _both_sides(run: RuledRun) -> Iterator[Margin]:
    """The claim itself, for p_t and for the second law, at λ = 3."""
    for t in range(run.steps):
        p, chosen = run.choice(t)
        for law, curated in ((p, chosen), (run.second, run.chosen_from(run.second, t))):
            for e in _NOISE:
                share, mixing = run.number(e), run.number(3)
                left = run.evaluate(smaller_lam.subs(noise, e), lam=3)
                with_noise = _step(run.reference, _mixed(share, curated, law), mixing)
                without = _step(run.reference, curated, left)
                for i in range(run.size):
                    values = {mass: law[i], noisy: with_noise[i], quiet: without[i]}
                    values |= {noise: share, lam: mixing}
                    sides = [value_of(run, side, values) for side in statement.claim.args]
                    yield Margin(-abs(sides[0] - sides[1]), f"p_{t}, ε = {e}, atom {i}", tight=True)


def _left_of_noise(share: Any) -> Any:
    return 1 - share


def _fixed(run: RuledRun, left: Equivalent = _left_of_noise) -> Iterator[Margin]:
    """A fixed point for λ' is one with noise for the λ of which that is left."""
    for t in range(run.steps):
        p, chosen = run.choice(t)
        a, reference = _designed(run, p, chosen)
        for e in _NOISE:
            share = run.number(e)
            mixing = a / (1 - a) / left(share)
            following = _step(reference, _mixed(share, chosen, p), mixing)
            yield from equations(following, p, f"fixed point p_{t}, ε = {e}")


def _left_of_flips(share: Any) -> Any:
    return 1 - 2 * share


def _flipped(
    run: RuledRun, left: Equivalent = _left_of_flips, *, is_opposed: bool = True
) -> Iterator[Margin]:
    """The same for flipped votes between two candidates, φ below and above one half."""
    for t in range(run.steps):
        rule = run.choosing(t)
        if not isinstance(rule, Preference):
            continue
        p, chosen = run.choice(t)
        opposite = _with_flips(rule, Fraction(1)).curated(p)
        for flips in _FLIPS:
            votes = _with_flips(rule, flips).curated(p)
            mostly = _with_flips(rule, 1 - flips).curated(p)
            share = run.number(flips)
            law = _mixed(2 * share, chosen, p)
            yield from equations(votes, law, f"winners of p_{t}, φ = {flips}")
            for given, target, where in (
                (votes, chosen, flips),
                (mostly, opposite if is_opposed else chosen, 1 - flips),
            ):
                a, reference = _designed(run, p, target)
                following = _step(reference, given, a / (1 - a) / left(share))
                yield from equations(following, p, f"fixed point p_{t}, φ = {where}")
        half = _with_flips(rule, Fraction(1, 2)).curated(p)
        yield from equations(half, p, f"winners of p_{t}, φ = 1/2")


def _with_flips(rule: Preference, flips: Fraction) -> Preference:
    """Return the preferences if a vote goes to the other candidate with this probability."""
    columns = zip(*rule.matrix, strict=True)
    return Preference(
        tuple(
            tuple((1 - flips) * x + flips * y for x, y in zip(row, column, strict=True))
            for row, column in zip(rule.matrix, columns, strict=True)
        )
    )


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _both_sides(run)
    yield from _fixed(run)
    yield from _flipped(run)


def _other(part: Callable[..., Iterator[Margin]], *given: Any, **named: Any) -> Margins:
    """Return the margins of another equivalence: what is off zero is no equality."""

    def margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
        return (margin._replace(tight=False) for margin in part(run, *given, **named))

    return margins


def _as_fast(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """The step with noise moves p as far as that without."""
    for t in range(run.steps):
        p, chosen = run.choice(t)
        mixing, share = run.number(3), run.number(_NOISE[0])
        with_noise = _step(run.reference, _mixed(share, chosen, p), mixing)
        without = _step(run.reference, chosen, mixing * (1 - share))
        value = run.total_variation(p, with_noise) - run.total_variation(p, without)
        yield Margin(value, f"p_{t}")


def _as_attracting(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """If p_ref is a fixed point and the loop for λ = 10 drives away from it, so does 20 with ½."""
    middle, q = run.reference, run.second
    if any(x - y > 0 or x - y < 0 for x, y in zip(run.choice(0)[1], middle, strict=True)):
        return
    chosen, half = run.chosen_from(q, 0), run.number(Fraction(1, 2))

    def away(law: Numbers) -> Number:
        return sum(((x - y) * (x - y) for x, y in zip(law, middle, strict=True)), run.number(0))

    without = _step(middle, chosen, run.number(10))
    if away(without) > away(q):
        with_noise = _step(middle, _mixed(half, chosen, q), run.number(20))
        yield Margin(away(with_noise) - away(q), "from the second law")


_THIRDS = fractions("1/3 1/3 1/3")
_ROCK_PAPER_SCISSORS = Preference(
    (fractions("1/2 0 1"), fractions("1 1/2 0"), fractions("0 1 1/2"))
)
_near_the_middle = RuledInstance(
    _THIRDS, _ROCK_PAPER_SCISSORS, 2, Fraction(10), second=fractions("103/300 97/300 1/3")
)
_surely = RuledInstance(
    fractions("1/2 1/3 1/6"), _ROCK_PAPER_SCISSORS, 2, Fraction(1), second=_THIRDS
)

check = Check(
    statement=statement,
    margins=_margins,
    setting=RULED,
    loops=ruled_loops(),
    instances=(
        _surely,
        RuledInstance(
            fractions("1/2 1/2"), BestBy(3, (0, 1)), 2, Fraction(1), second=fractions("1/9 8/9")
        ),
        RuledInstance(
            fractions("1/4 3/4"),
            BradleyTerry(2, fractions("1 1/10")),
            2,
            Fraction(1, 2),
            second=fractions("2/3 1/3"),
        ),
    ),
    mutants=(
        Mutant(
            "noise changes nothing: λ itself in place of λ(1-ε)",
            margins=_other(_fixed, lambda e: 1),
        ),
        Mutant("λ(1-ε²) in place of λ(1-ε)", margins=_other(_fixed, lambda e: 1 - e * e)),
        Mutant(
            "λ(1-φ) in place of λ(1-2φ) for flipped votes", margins=_other(_flipped, _left_of_noise)
        ),
        Mutant(
            "for φ > 1/2 the fixed points of the same preferences, at λ(2φ-1)",
            margins=_other(_flipped, is_opposed=False),
        ),
        Mutant("each step goes as far with the noise as without", margins=_as_fast),
        Mutant(
            "with noise the fixed points attract or repel as without",
            margins=_as_attracting,
            instances=(_near_the_middle,),
        ),
    ),
)
