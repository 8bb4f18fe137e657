"""Curation by infinitely many candidates maximises a KL-regularised reward, as RLHF does."""

from __future__ import annotations

import sympy

from recurate.theory.draws import random_density, random_weight
from recurate.theory.proving.generalising import UnderMean
from recurate.theory.proving.justifications import Combination, Identity
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.shapes import Tangent
from recurate.theory.proving.signs import at_least, at_most, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

_coefficient = sympy.Symbol("beta", positive=True)
"""β, what a unit of divergence costs."""

_partition = sympy.Symbol("Z", positive=True)
"""Z = E_0 e^{r/β}, under the law p_0."""

_reward, _divergence = sympy.symbols("E_{p}r KL(p|p_0)", real=True)
"""Mean reward of a law p, and its divergence from p_0."""

_objective = _reward - _coefficient * _divergence
_claim = at_most(_objective, _coefficient * sympy.log(_partition))

# D = p/p^, with p^ = p_0 e^{r/β}/Z the optimum; so p/p_0 = D w^{1/β}/Z. Means are under p.
_density = random_density * random_weight ** (1 / _coefficient) / _partition
_value = sympy.Symbol("x", positive=True)
_gibbs = sympy.log(random_weight) - _coefficient * sympy.log(_density)

_proof = Proof(
    supposed={
        "reward": equal(_reward, Mean(sympy.log(random_weight))),
        "divergence": equal(_divergence, Mean(sympy.log(_density))),
        "mass": at_most(Mean(1 / random_density), 1),
    },
    steps=(
        Step(
            "decomposition",
            equal(
                _gibbs,
                _coefficient * sympy.log(_partition) - _coefficient * sympy.log(random_density),
            ),
            "With p^ = p_0 e^{r/β}/Z, r - β log(p/p_0) = β log Z - β log(p/p^) at every point.",
            Identity(),
        ),
        Step(
            "optimum",
            equal(_gibbs.subs(random_density, 1), _coefficient * sympy.log(_partition)),
            "At p = p^ this is the constant β log Z, so the bound to be shown is attained there.",
            Identity(),
        ),
        Step(
            "mean decomposition",
            equal(
                Mean(sympy.log(random_weight)) - _coefficient * Mean(sympy.log(_density)),
                _coefficient * sympy.log(_partition)
                - _coefficient * Mean(sympy.log(random_density)),
            ),
            "In the mean under p, the regularised reward of p is β log Z - β KL(p‖p^).",
            UnderMean("decomposition"),
        ),
        Step(
            "tangent",
            at_least(sympy.log(random_density), 1 - 1 / random_density),
            "-log is convex and lies above its tangent at 1; here at p^/p.",
            Tangent(-sympy.log(_value), _value, sympy.Integer(1), 1 / random_density),
        ),
        Step(
            "mean of the tangent",
            at_least(Mean(sympy.log(random_density)), 1 - Mean(1 / random_density)),
            "The same in the mean under p.",
            UnderMean("tangent"),
        ),
        Step(
            "Gibbs",
            at_least(Mean(sympy.log(random_density)), 0),
            "The mean of p^/p under p is at most the mass of p^, so KL(p‖p^) >= 0.",
            Combination({"mean of the tangent": 1, "mass": 1}),
        ),
        Step(
            "claim",
            _claim,
            "So no p has a larger regularised reward than p^.",
            Combination(
                {
                    "reward": -1,
                    "divergence": _coefficient,
                    "mean decomposition": -1,
                    "Gibbs": _coefficient,
                }
            ),
        ),
    ),
)

statement = Statement(
    id="kl-regularised-reward",
    label="KL-regularised reward",
    title="Curation by infinitely many candidates is the optimum of RLHF",
    source=f"{DERIVED_HERE}#kl-regularised-reward",
    kind="ours",
    hypotheses=(
        Hypothesis("finite_Z", "Z = E_0 e^{r/β} is finite and β > 0"),
        Hypothesis("continuous", "p is absolutely continuous with respect to p_0"),
        Hypothesis("finite_mean", "KL(p‖p_0) and E_p r are finite"),
    ),
    claim=_claim,
    bound=None,
    equality_cases=("p = p_0 e^{r/β}/Z, and no other p",),
    proof=_proof,
    law="over p: W is the weight e^r and D the density of p over the optimum p_0 e^{r/β}/Z",
    remarks=(
        "At β = 1, from p_t, the optimum is the K = inf step: p_{t+1} = argmax_p E_p r - "
        "KL(p‖p_t), by lemma-2.1-limit.",
        "At β = 1/t it is p_0 e^{t r}/Z, where the pure K = inf loop is after t steps by "
        "theorem-2.1-k-inf: t steps of curation are RLHF with the coefficient 1/t.",
        "This is the Donsker–Varadhan variational formula; the gap of any p is β KL(p‖p^).",
    ),
)
