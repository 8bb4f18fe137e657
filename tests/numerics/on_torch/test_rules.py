"""Every rule on tensors: its definition, its digits, and its gradients."""

import math

import numpy as np
import pytest

from recurate import RewardLaw
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Stages,
    TopShare,
    Voters,
)

from ..oracles import RATIO_ERROR, logs, precise, worst
from ..rules.exact_rules import ExactLaw, random_rule
from ..rules.test_extremes import best_of
from ..rules.test_extremes import laws as extreme_laws

torch = pytest.importorskip("torch")
rows_module = pytest.importorskip("recurate.numerics.on_torch.rows")
rules_module = pytest.importorskip("recurate.numerics.on_torch.rules")

CYCLE = [[0.5, 0.9, 0.2], [0.1, 0.5, 0.7], [0.8, 0.3, 0.5]]
SIX = np.triu(np.arange(36).reshape(6, 6) / 40 + 0.05, 1)
SIX = SIX + np.tril(1 - SIX.T, -1) + np.eye(6) / 2
LAW = RewardLaw(
    [0.1, 0.9, 0.35, 0.35, 0.7, 0.02],
    [0.1, 0.2, 0.3, 0.1, 0.25, 0.05],
    groups="aabbcc",
    scores={"other": [3.0, 1.0, 2.0, 2.0, -1.0, 0.0], "right": [1.0, 0.5, 0.0, 0.25, 1.0, 0.0]},
)
RULES = [
    BradleyTerry(4),
    BradleyTerry(10**9, scale=-2.0),
    BradleyTerry(3, scale=2000.0, by="other"),
    BradleyTerry(math.inf),
    BestOf(4),
    BestOf(6, keep=2),
    BestOf(1000, keep=5, by="other"),
    BestOf(3, keep=3),
    TopShare(0.25),
    TopShare(0.9, by="other"),
    TopShare(1.0),
    Accept(None),
    Accept("right", none="keep"),
    PairwisePreference(SIX),
    PairwisePreference(CYCLE, of="groups"),
    RandomChoice(),
    Voters([(0.6, BradleyTerry(4)), (0.3, BestOf(3)), (0.1, RandomChoice())]),
    Stages([TopShare(0.5), BradleyTerry(3, by="other"), BestOf(2)]),
]


def tensor(values, dtype=torch.float64, **more):
    return torch.tensor(np.array(values), dtype=dtype, **more)


def log_ratio(rule, law, log_probs, rewards=None):
    """log H of a rule on tensors, of a law without prompts; checks what was noted."""
    rows = rows_module.Rows(law, tensor(law.rewards) if rewards is None else rewards)
    found = rules_module.prepared(rule, rows)(log_probs[None])
    rows.watch.raise_first()
    return rows.flat(found)


@pytest.mark.parametrize("seed", range(8))
def test_rules_are_their_definitions(seed):
    rng = np.random.default_rng(seed)
    for _ in range(40):
        of = ExactLaw.random(rng)
        rule, exact = random_rule(rng, of)
        found = log_ratio(rule, of.law, tensor(of.log_probs))
        assert worst(found.numpy(), logs(exact(of.probs))) <= RATIO_ERROR, (rule, of)


@pytest.mark.parametrize("log_probs", list(extreme_laws()), ids=range(7))
@pytest.mark.parametrize(
    ("K", "keep"), [(2, 1), (10, 1), (10**9, 1), (3, 2), (6, 2), (64, 10), (10**4, 3), (40, 39)]
)
def test_best_of_tiny_masses(log_probs, K, keep):
    law = RewardLaw(np.arange(log_probs.size, dtype=float))
    found = log_ratio(BestOf(K, keep=keep), law, tensor(log_probs).log_softmax(0))
    assert worst(found.numpy(), best_of(log_probs, K, keep)) <= RATIO_ERROR


@pytest.mark.parametrize("expected_better", [0.01, 1.0, 10.0, 100.0, 300.0])
@pytest.mark.parametrize("keep", [1, 2, 10, 100])
def test_best_of_a_billion_at_the_upper_tail(expected_better, keep):
    K = 10**9
    rare = expected_better / K
    log_probs = np.log([1 - 2.3 * rare, rare, rare * 0.3, 1e-3 * rare, rare * 0.999])
    found = log_ratio(BestOf(K, keep=keep), RewardLaw(np.arange(5.0)), tensor(log_probs))
    # The terms are added up in logarithms, keep of them, which costs a digit for a hundred.
    allowed = RATIO_ERROR if keep < 100 else 1e-12
    assert worst(found.numpy(), best_of(log_probs, K, keep)) <= allowed


def test_preferences_and_stages_for_what_has_underflowed():
    rule = PairwisePreference([[0.5, 0.0, 1.0], [1.0, 0.5, 0.25], [0.0, 0.75, 0.5]])
    found = log_ratio(rule, RewardLaw([0.0, 0.0, 0.0]), tensor([-3000.0, 0.0, -2000.0]))
    assert found.tolist() == pytest.approx([-2000 + math.log(2), 0.0, math.log(1.5)], rel=1e-15)
    law = RewardLaw([0.0, 1200.0], scores={"other": [1200.0, 0.0]})
    stages = Stages([BradleyTerry(math.inf), BradleyTerry(math.inf, by="other")])
    found = log_ratio(stages, law, tensor(np.log([0.5, 0.5])))
    assert found.tolist() == pytest.approx([0.0, 0.0], abs=1e-12)


def test_sums_of_many_rewards_keep_their_digits():
    # n equal atoms in closed form.
    n, K = 10**6, 10**9
    law, log_p = RewardLaw(np.arange(float(n))), torch.full((n,), -math.log(n), dtype=torch.float64)
    found = log_ratio(BestOf(K), law, log_p)
    for i in (n, n - 1, n - 3, n // 2, 17):
        lower, upper = (K * precise.log(precise.mpf(j) / n) for j in (i - 1, i))
        expected = float(upper + precise.log(1 - precise.exp(lower - upper))) + math.log(n)
        assert abs(float(found[i - 1]) - expected) <= RATIO_ERROR * max(1, abs(expected))
    # Two levels of half a million uneven atoms: added up one by one they would be off by 1e-13.
    log_p = tensor(np.random.default_rng(0).normal(size=n)).log_softmax(0)
    log_p -= math.log(math.fsum(np.exp(log_p.numpy())))  # torch's own sum may be off by 1e-14
    tied = log_ratio(BestOf(2), RewardLaw(np.arange(n) % 2), log_p)[:2]
    lower, upper = (math.fsum(np.exp(log_p[i::2].numpy())) for i in (0, 1))
    lower /= lower + upper
    assert np.abs(tied.numpy() - [math.log(lower), math.log1p(lower)]).max() <= 1e-15


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_gradients(rule):
    rng = np.random.default_rng(3)
    goes_by_order = any(kind in repr(rule) for kind in ("BestOf", "TopShare"))
    # An order has no derivative, and near ties are ties or not: differences would step over.
    rewards = tensor(LAW.rewards, requires_grad=not goes_by_order)
    logits = tensor(rng.normal(size=LAW.size), requires_grad=True)

    def chosen(rewards, logits):
        log_p = logits.log_softmax(0)
        found = log_ratio(rule, LAW, log_p, rewards)
        assert torch.isfinite(found.exp()).all()
        return (log_p + found).exp()

    assert torch.autograd.gradcheck(chosen, (rewards, logits), atol=1e-7)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_atoms_without_mass_have_finite_gradients(rule):
    rewards = tensor(LAW.rewards, requires_grad=True)
    log_p = tensor(np.log([0.5, 0.5, 1, 1e-3, 1e-300, 1.0])).clone()
    log_p[2], log_p[5], log_p[3] = -math.inf, -math.inf, -800.0
    log_p = (log_p - log_p.logsumexp(0)).requires_grad_()
    found = log_ratio(rule, LAW, log_p, rewards)
    assert not found.isnan().any()
    chosen = (log_p + found).exp().sum() + torch.where(found > -math.inf, found, 0.0).sum()
    gradients = torch.autograd.grad(chosen, (rewards, log_p), allow_unused=True)
    for gradient in gradients:
        assert gradient is None or torch.isfinite(gradient).all()


def test_gradients_through_an_order_are_zero():
    rewards = tensor(LAW.rewards, requires_grad=True)
    log_p = tensor(LAW.probs, requires_grad=True).log()
    for rule in (BestOf(3), TopShare(0.4), BestOf(5, keep=2)):
        found = log_ratio(rule, LAW, log_p, rewards).exp().sum()
        (gradient,) = torch.autograd.grad(found, rewards, allow_unused=True)
        assert gradient is None
