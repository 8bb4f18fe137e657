"""K = 2: the pure loop is the replicator dynamics of the game in which the better answer wins."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step, UnderMean
from recurate.theory.statement import Hypothesis, Statement

mass = sympy.Symbol("p(x)", nonnegative=True)
"""Mass of the answer x under p."""

curated_mass = sympy.Symbol("T(p)(x)", nonnegative=True)
"""Mass of the answer x under T(p), the law of what is chosen."""


class _OfOther(Drawn):
    """A function of the other candidate Y, as a function of the law that Y is drawn from."""

    is_nonnegative: Any = True


class wins(_OfOther):
    """P(x over Y), the chance that x is chosen over the other candidate Y."""

    plain, typeset = "P(x,Y_{})", "P(x,Y_{@})"


class loses(_OfOther):
    """P(Y over x), the chance that the other candidate Y is chosen over x."""

    plain, typeset = "P(Y_{},x)", "P(Y_{@},x)"


class margin(Drawn):
    """A(x, Y) = 2 P(x over Y) - 1, by how much x is preferred to Y; antisymmetric in the two."""

    plain, typeset = "A(x,Y_{})", "A(x,Y_{@})"


_wins, _loses, _margin = wins(one_law), loses(one_law), margin(one_law)
_claim = equal(curated_mass, mass * (1 + Mean(_margin)))

_proof = Proof(
    supposed={
        # x is drawn first, and chosen over Y; or it is drawn second, and Y is not chosen over it
        "winner": equal(curated_mass, mass * Mean(_wins) + mass * Mean(1 - _loses)),
        "complementary": equal(_wins + _loses, 1),
        "margin": equal(_margin, 2 * _wins - 1),
    },
    steps=(
        Step(
            "either place",
            equal(1 - _loses, _wins),
            "Either x is chosen over Y, or Y over x: it does not matter which one comes first.",
            Combination({"complementary": -1}),
        ),
        Step(
            "mean of either place",
            equal(1 - Mean(_loses), Mean(_wins)),
            "In the mean over Y.",
            UnderMean("either place"),
        ),
        Step(
            "mean margin",
            equal(Mean(_margin), 2 * Mean(_wins) - 1),
            "The mean of A(x, Y) = 2 P(x over Y) - 1.",
            UnderMean("margin"),
        ),
        Step(
            "claim",
            _claim,
            "The first candidate is x with probability p(x), and is chosen with the chance "
            "E P(x, Y), since Y is independent of it; likewise the second: 2 p(x) E P(x, Y).",
            Combination({"winner": 1, "mean of either place": mass, "mean margin": -mass}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="preference-game",
    label="Preference game",
    title="For K = 2 the pure loop is the replicator dynamics of the game of preferences",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "pairs",
            "K = 2: of two independent candidates x is chosen over y with probability P(x over y)",
            carried_by=("winner",),
        ),
        Hypothesis(
            "preferences",
            "P(x over y) + P(y over x) = 1 for all x and y: any such numbers, P(x over x) = 1/2",
            carried_by=("complementary", "margin"),
        ),
    ),
    claim=_claim,
    equality_cases=("it is an equation",),
    proof=_proof,
    law="over the other candidate Y, drawn from p",
    remarks=(
        "No reward need exist. Several voters are averaged, P = Σ_u π_u P_u; Bradley–Terry voters "
        "have A(x, y) = Σ_u π_u tanh((r_u(x) - r_u(y))/2).",
        "In the game of A two players name an answer each, and x wins A(x, y) from y. The pure "
        "loop multiplies p_t(x) by 1 + A(x, p_t), one plus what x wins from p_t: that is the "
        "replicator dynamics in discrete time (Maynard Smith).",
        "p is a fixed point of the pure loop iff A(x, p) = 0 wherever p has mass. So the fixed "
        "points of full support are the equilibria of full support, which are the maximal "
        "lotteries that leave out no answer (Fishburn 1984). Others are fixed as well: every "
        "single answer is.",
        "If order matters, so that the first of x and y is chosen with P1(x, y), the same holds "
        "for A(x, y) = P1(x, y) - P1(y, x).",
    ),
)
