"""Curation by infinitely many candidates maximises a KL-regularised reward, as RLHF does."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Combination, Identity, Proof, Step, Tangent, UnderMean
from recurate.theory.statement import Hypothesis, Statement

_coefficient = sympy.Symbol("beta", positive=True)
"""β, the cost of a unit of divergence."""

_partition = sympy.Symbol("Z", positive=True)
"""Z = E_0 e^{r/β}, under the law p_0."""

_reward, _divergence = sympy.symbols("E_{p}r KL(p|p_0)", real=True)
"""Mean reward of a law p, and its divergence from p_0."""

_best_reward, _best_divergence = sympy.symbols("E_{p'}r KL(p'|p_0)", real=True)
"""Mean reward of the optimum p' = p_0 e^{r/β}/Z, and its divergence from p_0."""

_distance = sympy.Symbol("h(p,p')", nonnegative=True)
"""h(p,p') = E_p (1 - (p'/p)^{1/2})²; it is 0 at p' alone."""

_objective = _reward - _coefficient * _divergence
_best = _best_reward - _coefficient * _best_divergence
_claim = at_most(_objective + _coefficient * _distance, _best)

# D = p/p', with p' = p_0 e^{r/β}/Z the optimum; so p/p_0 = D w^{1/β}/Z.
_density = random_density * random_weight ** (1 / _coefficient) / _partition
_value = sympy.Symbol("x", positive=True)
_gibbs = sympy.log(random_weight) - _coefficient * sympy.log(_density)
_root = 1 / sympy.sqrt(random_density)  # (p'/p)^{1/2}

_best_law = sympy.Symbol("p'")
"""Law of W_p', the optimum."""

_best_weight = drawn_weight(_best_law)

_best_density = _best_weight ** (1 / _coefficient) / _partition  # p'/p_0 at it
_level = _coefficient * sympy.log(_partition)

_proof = Proof(
    supposed={
        "reward": equal(_reward, Mean(sympy.log(random_weight))),
        "divergence": equal(_divergence, Mean(sympy.log(_density))),
        "mass": at_most(Mean(1 / random_density), 1),
        "distance": equal(_distance, Mean((1 - _root) ** 2)),
        "reward at the optimum": equal(_best_reward, Mean(sympy.log(_best_weight))),
        "divergence at the optimum": equal(_best_divergence, Mean(sympy.log(_best_density))),
    },
    steps=(
        Step(
            "decomposition",
            equal(_gibbs, _level - _coefficient * sympy.log(random_density)),
            "With p' = p_0 e^{r/β}/Z, r - β log(p/p_0) = β log Z - β log(p/p') at every point.",
            Identity(),
        ),
        Step(
            "mean decomposition",
            equal(
                Mean(sympy.log(random_weight)) - _coefficient * Mean(sympy.log(_density)),
                _level - _coefficient * Mean(sympy.log(random_density)),
            ),
            "In the mean under p, the regularised reward of p is β log Z - β KL(p‖p').",
            UnderMean("decomposition"),
        ),
        Step(
            "optimum",
            equal(
                sympy.log(_best_weight) - _coefficient * sympy.log(_best_density),
                _level,
            ),
            "At p = p' it is the constant β log Z at every point.",
            Identity(),
        ),
        Step(
            "mean at the optimum",
            equal(
                Mean(sympy.log(_best_weight)) - _coefficient * Mean(sympy.log(_best_density)),
                _level,
            ),
            "The same holds in the mean under p'.",
            UnderMean("optimum"),
        ),
        Step(
            "tangent",
            at_least(sympy.log(random_density) / 2, 1 - _root),
            "-log is convex and lies above its tangent at 1; here at (p'/p)^{1/2}.",
            Tangent(-sympy.log(_value), _value, sympy.Integer(1), _root),
        ),
        Step(
            "mean of the tangent",
            at_least(Mean(sympy.log(random_density)) / 2, 1 - Mean(_root)),
            "The same in the mean under p.",
            UnderMean("tangent"),
        ),
        Step(
            "Gibbs",
            at_least(Mean(sympy.log(random_density)), _distance),
            "The mean of p'/p under p is at most the mass of p', so 2 - 2 E_p (p'/p)^{1/2} is at "
            "least h, and so is KL(p‖p').",
            Combination({"mean of the tangent": 2, "mass": 1, "distance": -1}),
        ),
        Step(
            "claim",
            _claim,
            "So every p other than p' has a smaller regularised reward than p'.",
            Combination(
                {
                    "reward": -1,
                    "divergence": _coefficient,
                    "mean decomposition": -1,
                    "Gibbs": _coefficient,
                    "reward at the optimum": 1,
                    "divergence at the optimum": -_coefficient,
                    "mean at the optimum": 1,
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="kl-regularised-reward",
    label="KL-regularised reward",
    title="Curation by infinitely many candidates is the optimum of RLHF",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "finite_Z",
            "Z = E_0 e^{r/β} is finite and β > 0",
            carried_by=("divergence", "divergence at the optimum"),
        ),
        Hypothesis(
            "continuous",
            "p is absolutely continuous with respect to p_0",
            carried_by=("divergence", "mass"),
        ),
        Hypothesis(
            "finite_mean",
            "KL(p‖p_0) and E_p r are finite",
            carried_by=("reward", "divergence"),
        ),
        Hypothesis(
            "finite_optimum",
            "E_{p'} r is finite under p' = p_0 e^{r/β}/Z",
            carried_by=("reward at the optimum", "divergence at the optimum"),
        ),
    ),
    claim=_claim,
    equality_cases=("p = p_0 e^{r/β}/Z, and no other p",),
    proof=_proof,
    law=(
        "over p: W is the weight e^r and D the density of p over the optimum p' = p_0 e^{r/β}/Z, "
        "from which W_p' is drawn"
    ),
    remarks=(
        "At β = 1, from p_t, the optimum is the K = inf step: p_{t+1} = argmax_p E_p r - "
        "KL(p‖p_t), by lemma-2.1-limit.",
        "At β = 1/t it is p_0 e^{t r}/Z, where the pure K = inf loop is after t steps by "
        "theorem-2.1-k-inf: t steps of curation are RLHF with the coefficient 1/t.",
        "The largest value is β log Z, and the gap of any p is β KL(p‖p'), by the steps: this is "
        "the Donsker–Varadhan variational formula. At another law with that value h would be 0, so "
        "that p = p' wherever p has mass, and so everywhere.",
        "Without a finite mean reward under p' the value β log Z is a supremum that no law "
        "attains: for p_0 with a density proportional to 1/(w log w)² on w >= e, and β = 1, Z is "
        "finite and E_{p'} r is not.",
    ),
)
