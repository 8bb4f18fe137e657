"""K = inf: the loop of many voters climbs one objective, and nears its maximum like 1/t."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.language.draws import Drawn
from recurate.theory.proving import (
    Combination,
    Induction,
    Proof,
    Step,
    Substitution,
    Supposing,
    Tangent,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement


class objective_at(AtStep):
    """F(p_t) = a Σ_u π_u log E_t w_u - m KL(p_ref‖p_t), with the voters' shares π_u and weights."""

    plain, typeset = "F(p_[{}])", "F(p_{@})"


class move_at(AtStep):
    """Kullback–Leibler divergence of p_{t+1} from p_t, in nats."""

    is_nonnegative = True

    def _sympystr(self, printer: Any) -> str:
        after, before = self._indices(printer)
        return f"KL(p_[{after}]|p_[{before}])"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        after, before = self._indices(printer)
        text = rf"\mathrm{{KL}}(p_{{{after}}}\|p_{{{before}}})"
        return text if exp is None else self.power.format(text, exp)

    def _indices(self, printer: Any) -> tuple[str, str]:
        (before,) = self.args
        return printer._print(before + 1), printer._print(before)


class optimum_divergence_at(AtStep):
    """Kullback–Leibler divergence of p*, where F is largest, from p_t, in nats."""

    plain, typeset = "KL(p⁎|p_[{}])", r"\mathrm{KL}(p^*\|p_{@})"
    is_nonnegative = True


class ratio_of_step(Drawn):
    """H_t = p_{t+1}/p_t at a draw from p_{t+1}."""

    plain, typeset = "H_[{}]", "H_{@}"
    tacit = frozenset({lam})
    is_positive = True


class source_growth(Drawn):
    """By how much the draw's source grows: p_{t+1}/p_t at a real sample, W_u(p_{t+1})/W_u(p_t)."""

    plain, typeset = "D_[{}]", "D_{@}"
    tacit = frozenset({lam})
    is_positive = True


class ratio_at_optimum(Drawn):
    """H_t = p_{t+1}/p_t at a draw from p*."""

    plain, typeset = "H⁎_[{}]", "H^*_{@}"
    tacit = frozenset({lam})
    is_positive = True


class growth_at_optimum(Drawn):
    """p*/p_t at a draw from p* that is a real sample, W_u(p*)/W_u(p_t) at one of voter u."""

    plain, typeset = "D⁎_[{}]", "D^*_{@}"
    tacit = frozenset({lam})
    is_positive = True


optimum = sympy.Symbol("F(p*)", real=True)
"""F at p*, where it is largest."""

_value = sympy.Symbol("x", positive=True)

_H, _D = ratio_of_step(t), source_growth(t)
_H_star, _D_star = ratio_at_optimum(t), growth_at_optimum(t)

_claim = at_most(optimum - objective_at(t), optimum_divergence_at(0) / (t + 1))
_start = optimum_divergence_at(0)
_sum = at_most((t + 1) * (optimum - objective_at(t)) + optimum_divergence_at(t + 1), _start)
_next_sum = at_most(
    (t + 2) * (optimum - objective_at(t + 1)) + optimum_divergence_at(t + 2), _start
)

_proof = Proof(
    general={
        "objective": (t,),
        "move": (t,),
        "source": (t,),
        "gap": (t,),
        "divergences": (t,),
        "fixed": (t,),
    },
    supposed={
        # p_{t+1} is a mixture of its sources; their growths make up F, by its definition.
        "objective": equal(objective_at(t + 1) - objective_at(t), Mean(sympy.log(_D))),
        "move": equal(move_at(t), Mean(sympy.log(_H))),
        "source": equal(Mean(_H / _D), 1),
        # p* is that mixture for itself.
        "gap": equal(optimum - objective_at(t), Mean(sympy.log(_D_star))),
        "divergences": equal(
            optimum_divergence_at(t) - optimum_divergence_at(t + 1), Mean(sympy.log(_H_star))
        ),
        "fixed": equal(Mean(_D_star / _H_star), 1),
    },
    steps=(
        Step(
            "tangent",
            at_least(-sympy.log(_H), -sympy.log(_D) - (_H - _D) / _D),
            "-log is convex and lies above its tangents. A sample of p_{t+1} comes from a source: "
            "from p_ref with probability m, else from voter u, who has a π_u and chooses from "
            "p_t w_u/W_u, W_u = E_t w_u. The source's growth D_t is H_t at a real sample, and "
            "W_u(p_{t+1})/W_u(p_t) for a voter: the mean of H_t over what this voter chooses.",
            Tangent(-sympy.log(_value), _value, _D, _H),
        ),
        Step(
            "mean of the tangent",
            at_least(-Mean(sympy.log(_H)), -Mean(sympy.log(_D)) - Mean(_H / _D) + 1),
            "In the mean over the samples of p_{t+1} and their sources.",
            UnderMean("tangent"),
        ),
        Step(
            "ascent",
            at_least(objective_at(t + 1) - objective_at(t), move_at(t)),
            "D_t is the mean of H_t given the source, so the mean of H_t/D_t is 1. The mean of "
            "log D_t is by how much F rises, and that of log H_t is the divergence of p_{t+1} from "
            "p_t: F rises by at least that divergence.",
            Combination({"mean of the tangent": 1, "objective": 1, "move": -1, "source": -1}),
        ),
        Step(
            "tangent at the optimum",
            at_least(-sympy.log(_D_star), -sympy.log(_H_star) - (_D_star - _H_star) / _H_star),
            "The same the other way round. p* = m p_ref + a Σ_u π_u p* w_u/W_u(p*) is a mixture of "
            "sources as well. If p* takes the place of p_t, they grow by D*_t.",
            Tangent(-sympy.log(_value), _value, _H_star, _D_star),
        ),
        Step(
            "mean at the optimum",
            at_least(
                -Mean(sympy.log(_D_star)),
                -Mean(sympy.log(_H_star)) - Mean(_D_star / _H_star) + 1,
            ),
            "In the mean over the samples of p* and their sources.",
            UnderMean("tangent at the optimum"),
        ),
        Step(
            "approach",
            at_most(
                optimum - objective_at(t),
                optimum_divergence_at(t) - optimum_divergence_at(t + 1),
            ),
            "At a point x the mean of D*_t over the sources is m p_ref/p_t + "
            "a Σ_u π_u w_u/W_u(p_t) = H_t(x), so the mean of D*_t/H_t is 1. The mean of log D*_t "
            "is F(p*) - F(p_t), and that of log H_t under p* is by how much the divergence of p* "
            "falls.",
            Combination({"mean at the optimum": 1, "gap": -1, "divergences": 1, "fixed": -1}),
        ),
        Step(
            "approach at the next step",
            at_most(
                optimum - objective_at(t + 1),
                optimum_divergence_at(t + 1) - optimum_divergence_at(t + 2),
            ),
            "So it is from t + 1 to t + 2.",
            Substitution("approach", {t: t + 1}),
        ),
        Step(
            "base",
            at_most(optimum - objective_at(0) + optimum_divergence_at(1), _start),
            "So it is from 0 to 1.",
            Substitution("approach", {t: 0}),
        ),
        Step(
            "next",
            implies(_sum, _next_sum),
            "The gaps so far sum to at most what the divergence has lost; no earlier gap is "
            "smaller, since F rises.",
            Supposing(
                Combination(
                    {"hypothesis": 1, "approach at the next step": 1, "ascent": t + 1},
                    remainder=(t + 1) * move_at(t),
                )
            ),
        ),
        Step(
            "sum",
            _sum,
            "So t + 1 times the last gap is at most KL(p*‖p_0).",
            Induction(t, 0, base="base", step="next"),
        ),
        Step(
            "claim",
            _claim,
            "What is left of the divergence is not negative.",
            Combination({"sum": 1 / (t + 1)}, remainder=optimum_divergence_at(t + 1) / (t + 1)),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="pluralistic-objective",
    label="Many voters' objective",
    title="For K = inf the loop of many voters climbs one objective, whose maximum it nears like "
    "1/t",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "infinite_K",
            "K = inf for each voter u: with shares π_u >= 0 that sum to one, and weights w_u >= 0, "
            "p_{t+1} = m p_ref + a Σ_u π_u p_t w_u/E_t w_u",
            carried_by=("objective", "move", "source", "gap", "divergences"),
        ),
        Hypothesis(
            "optimum",
            "p* maximises F(p) = a Σ_u π_u log E_p w_u - m KL(p_ref‖p) over the laws that have "
            "mass only where p_0 has; or p* is any fixed point",
            carried_by=("gap", "divergences", "fixed"),
        ),
        Hypothesis(
            "support",
            "F(p_0) and KL(p*‖p_0) are finite: for a finite law, p_0 has mass wherever p* has (and "
            "p_ref, if m > 0), and E_0 w_u > 0 where π_u > 0",
            carried_by=("objective", "gap", "divergences"),
        ),
    ),
    claim=_claim,
    equality_cases=(
        "p_0 = p*",
        "t = 0 and λ = 0",
        "the rise of F, and KL(p_{t+1}‖p_t): a fixed point p_t, and λ = 0",
    ),
    proof=_proof,
    law=(
        "over the samples of p_{t+1} and their sources, for H_t and D_t, and over those of p*, for "
        "H*_t and D*_t: the source is p_ref with probability m, and voter u with a π_u"
    ),
    remarks=(
        "On the way: F(p_{t+1}) - F(p_t) >= KL(p_{t+1}‖p_t), so F never falls, from any start; and "
        "KL(p*‖p_t) falls by at least F(p*) - F(p_t) a step, so it never grows.",
        "Any number of voters, among them an adversary (weights 1/w) or a verifier (weights from 0 "
        "to 1). How far F(p_t) is from the maximum is known without p*: by "
        "fixed-point-voters at most log of the largest H_t.",
        "A maximiser is a fixed point, as F would rise by KL(p'‖p) else. p_t always converges, to "
        "a maximiser on p_0's support. With m > 0 and p_ref > 0 everywhere there is one only, and "
        "p_t tends to it from every start. (In Rocq, for finite laws.)",
        "Where p_ref has zeros and p_0 has not, the limit depends on p_0: for p_ref = (1, 0, 0), "
        "w = (1, 4, 4) and a = ½ every (⅔, x, ⅓ - x) is a fixed point, and x/(⅓ - x) stays "
        "p_0's.",
        "For finite K there is no such objective: with one voter F falls from its own maximiser, "
        "and with two even from p_ref. From p_ref with one voter it was never seen to fall: "
        "objective-monotone.",
        "It is an EM step, and for m = 0 Cover's algorithm for log-optimal portfolios (Cover 1984; "
        "Csiszár and Tusnády 1984).",
    ),
)
