"""Voters with K = inf: the objective's maximum, its certificate, and where it is not unique."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics.fixed_points.fixed_point import RESIDUAL_TOLERANCE
from recurate.rules import Accept, BestOf, BradleyTerry, RandomChoice, Stages, TopShare, Voters

INF = math.inf
COMPROMISE = RewardLaw([5.0, 0.0, 3.0], scores={"second": [0.0, 5.0, 3.0]})


def two(share, K=INF):
    return Voters([(share, BradleyTerry(K)), (1 - share, BradleyTerry(K, by="second"))])


def random_voters(rng):
    """Return a law, voters by its scores, log w of each, shares, and λ."""
    size, count = int(rng.integers(2, 25)), int(rng.integers(1, 5))
    span = float(rng.choice([0.1, 1.0, 5.0, 50.0, 700.0, 1500.0]))
    log_probs = -rng.exponential(float(rng.choice([0.1, 1.0, 20.0, 150.0])), size)
    probs = np.exp(np.maximum(log_probs - log_probs.max(), -600.0))  # all have mass
    columns = rng.uniform(0.0, span, (count, size)).round(3)
    shares = rng.dirichlet(np.ones(count))
    law = RewardLaw(
        rng.normal(size=size),
        probs / probs.sum(),
        scores={f"s{u}": column for u, column in enumerate(columns)},
    )
    voters = [
        (float(share), BradleyTerry(INF, by=f"s{u}"))
        if u % 2 == 0 or span > 700
        else (float(share), Stages([BradleyTerry(INF, by=f"s{u}"), RandomChoice()]))
        for u, share in enumerate(shares)
    ]
    return law, Voters(voters), columns, shares, float(10 ** rng.uniform(-3, 6))


def objective(probs, reference, columns, shares, lam):
    """F(p) = a Σ π_u log E_p w_u - m KL(p_ref‖p), by its definition."""
    real = 1 / (1 + lam)
    welfare = 0.0
    for column, share in zip(columns, shares, strict=True):
        welfare += share * (math.log(probs @ np.exp(column - column.max())) + column.max())
    divergence = float(reference @ (np.log(reference) - np.log(probs)))
    return (1 - real) * welfare - real * divergence


@pytest.mark.parametrize("seed", range(150))
def test_no_other_law_has_a_larger_objective(seed):
    rng = np.random.default_rng(seed)
    law, rule, columns, shares, lam = random_voters(rng)
    loop = CurationLoop(law, rule=rule, lam=lam)
    found = loop.fixed_point()
    assert found.is_unique
    assert found.residual <= RESIDUAL_TOLERANCE
    if len(rule.voters) > 1:
        assert found.objective_gap <= 1e-12
    own = objective(found.probs, law.probs, columns, shares, lam)
    for size in (1e-6, 1e-3, 1.0):
        others = found.probs * np.exp(size * rng.normal(size=law.size))
        others /= others.sum()
        # The gap, and the rounding of sums of terms as large as the span.
        allowed = (found.objective_gap or 0.0) + 1e-14 * (1 + columns.max() + abs(own))
        assert objective(others, law.probs, columns, shares, lam) <= own + allowed


@pytest.mark.parametrize("seed", range(40))
def test_every_run_comes_nearer_to_it(seed):
    rng = np.random.default_rng(1000 + seed)
    law, rule, _, _, lam = random_voters(rng)
    loop = CurationLoop(law, rule=rule, lam=lam, retained=0.2)
    found, run = loop.fixed_point(), loop.run(steps=300)
    # KL(p*‖p_t) never grows (J1, and with samples kept: log is concave).
    states = [found.log_density - run.log_density(t) for t in (0, 1, 10, 100, 300)]
    falling = [float(found.probs @ (gap * (found.probs > 0))) for gap in states]
    rounding = 1e-12 * (1 + np.abs(found.log_density).max())
    assert all(np.diff(falling) <= rounding)
    assert falling[-1] >= -rounding


@pytest.mark.parametrize("seed", range(30))
def test_long_runs_end_there(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 12))
    scores = {"first": rng.normal(size=size), "second": rng.normal(size=size)}
    law = RewardLaw(rng.normal(size=size), rng.dirichlet(np.ones(size) * 5), scores=scores)
    voters = [(0.4, BradleyTerry(INF, by="first")), (0.6, BradleyTerry(INF, by="second"))]
    loop = CurationLoop(law, rule=Voters(voters), lam=float(rng.uniform(0.1, 2.0)), retained=0.2)
    run, found = loop.run(steps=300), loop.fixed_point()
    # It settled: the last hundred steps moved nothing, and what they left is the same law.
    assert np.abs(run.probs(300) - run.probs(200)).max() <= 1e-14
    assert np.abs(run.probs(300) - found.probs).max() <= 1e-14


@pytest.mark.parametrize("seed", range(20))
def test_one_voter_is_the_solver_for_one_voter(seed):
    rng = np.random.default_rng(seed)
    law = RewardLaw(rng.normal(size=30) * rng.choice([0.1, 1.0, 10.0, 100.0]))
    lam = float(10 ** rng.uniform(-3, 5))
    one = CurationLoop(law, K=INF, lam=lam).fixed_point()
    # Stages of one voter and a verifier that accepts everything are solved as voters.
    everyone = RewardLaw(law.rewards, scores={"all": np.ones(30)})
    rule = Stages([BradleyTerry(INF), Accept("all")])
    found = CurationLoop(everyone, rule=rule, lam=lam).fixed_point()
    assert (one.method, found.method) == ("scalar", "objective")
    allowed = one.log_density_error + found.log_density_error
    assert np.abs(found.log_density - one.log_density).max() <= allowed
    assert found.log_density_error <= 1e-11


def test_the_compromise_dies_out_for_infinitely_many_candidates():
    # By symmetry W_1 = W_2 = (e^5 + 1)/2 at (½, ½, 0), and e^3/W < 1 there: KKT.
    found = CurationLoop(COMPROMISE, rule=two(0.5), lam=INF).fixed_point()
    np.testing.assert_allclose(found.probs, [0.5, 0.5, 0.0], rtol=0, atol=1e-15)
    assert found.is_unique
    assert found.objective_gap <= 1e-15


def test_shares_at_the_welfare_maximum():
    # On the edge of the first two: .3 (w-1)/(1 + (w-1)x) = .7 (w-1)/(w - (w-1)x), w = e^5.
    w = math.exp(5)
    x = (0.3 * w - 0.7) / (w - 1)
    found = CurationLoop(COMPROMISE, rule=two(0.3), lam=INF).fixed_point()
    assert found.probs[0] == pytest.approx(x, rel=1e-13)
    assert round(x, 4) == 0.2973


def test_where_p_ref_has_no_mass():
    # w = (1, 4, 4), a = ½, p_ref = (1, 0, 0): the two others stay away from p_ref's start.
    law = RewardLaw([0.0, 1.0, 2.0], [1.0, 0.0, 0.0], scores={"w": np.log([1.0, 4.0, 4.0])})
    voters = Voters([(0.5, BradleyTerry(INF, by="w")), (0.5, BradleyTerry(INF, scale=0.5, by="w"))])
    found = CurationLoop(law, rule=voters, lam=1.0).fixed_point()
    assert found.probs.tolist() == [1.0, 0.0, 0.0]
    # H = (4 + 2)/2 = 3 there: aH = 1.5 > 1, so a mass there would grow without end.
    assert found.log_density.tolist() == [0.0, INF, INF]


@pytest.mark.parametrize("seed", range(30))
def test_of_many_maxima_the_one_that_p_ref_reaches(seed):
    rng = np.random.default_rng(seed)
    # Values whose means can be had in many ways, (½, ½) twice among them, and an atom that is
    # worse for all.
    first = [1.0, 0.0, 0.5, 0.5, 0.75, 0.2]
    second = [0.0, 1.0, 0.5, 0.5, 0.25, 0.3]
    law = RewardLaw(
        rng.normal(size=6), rng.dirichlet(np.ones(6)), scores={"first": first, "second": second}
    )
    rule = Voters([(0.5, Accept("first")), (0.5, Accept("second"))])
    loop = CurationLoop(law, rule=rule, lam=INF)
    found = loop.fixed_point()
    assert found.is_unique is False
    assert found.objective_gap <= 1e-14
    # Both tied atoms keep their proportions.
    assert found.probs[2] / found.probs[3] == pytest.approx(law.probs[2] / law.probs[3], rel=1e-12)
    # The run converges geometrically: the worse atom by ½ a step and the rest faster.
    run = loop.run(steps=1000).probs(1000)
    assert np.abs(run - found.probs).max() <= 1e-12


@pytest.mark.parametrize("seed", range(40))
def test_pure_loops_rise_to_the_welfare_found(seed):
    rng = np.random.default_rng(seed)
    law, rule, columns, shares, _ = random_voters(rng)
    loop = CurationLoop(law, rule=rule, lam=INF)
    found = loop.fixed_point()

    def welfare(probs):
        return objective(probs, law.probs, columns, shares, 1e300)

    best = welfare(np.maximum(found.probs, 1e-320))
    # Cover's rate (J3): the gap is at most KL(p*‖p_ref)/(t+1), and never negative.
    run = loop.run(steps=200)
    for t in (0, 10, 200):
        gap = best - welfare(np.maximum(run.probs(t), 1e-320))
        rounding = 1e-13 * (1 + columns.max())
        assert -rounding <= gap <= found.kl_to_reference / (t + 1) + rounding


def test_users_at_random_and_samples_kept_lower_lambda():
    voters = [(0.3, BradleyTerry(INF)), (0.3, BradleyTerry(INF, by="second"))]
    noisy = CurationLoop(
        COMPROMISE, rule=Voters([*voters, (0.4, RandomChoice())]), lam=5.0, retained=0.5
    ).fixed_point()
    plain = CurationLoop(COMPROMISE, rule=two(0.5), lam=5.0 * 0.6 * 0.5).fixed_point()
    np.testing.assert_allclose(noisy.probs, plain.probs, rtol=1e-13)


def test_nothing_is_left_to_select():
    for rule in (RandomChoice(), Voters([(0.5, TopShare(1)), (0.5, BestOf(3, keep=3))])):
        found = CurationLoop(COMPROMISE, rule=rule, lam=2.0).fixed_point()
        assert found.method == "reference"
        assert found.is_unique
        assert CurationLoop(COMPROMISE, rule=rule, lam=INF).fixed_point().is_unique is False


@pytest.mark.parametrize(("K", "retained"), [(4, 0.25), (INF, 0.5), (1, 0.5)])
def test_one_bradley_terry_voter_is_the_papers(K, retained):
    paper = CurationLoop(COMPROMISE, K=K, lam=2.0 * (1 - retained)).fixed_point()
    found = CurationLoop(COMPROMISE, K=K, lam=2.0, retained=retained).fixed_point()
    assert found.probs.tolist() == paper.probs.tolist()
    # By another column, and with another scale, it is the paper's on that column.
    column = RewardLaw(-2 * COMPROMISE.scores["second"])
    paper = CurationLoop(column, K=K, lam=2.0).fixed_point()
    rule = BradleyTerry(K, scale=-2, by="second")
    found = CurationLoop(COMPROMISE, rule=rule, lam=2.0).fixed_point()
    assert found.probs.tolist() == paper.probs.tolist()
    assert found.expected_reward == pytest.approx(found.probs @ COMPROMISE.rewards, rel=1e-14)
    assert found.expected_scores[0] == pytest.approx(
        found.probs @ COMPROMISE.scores["second"], rel=1e-14
    )


@pytest.mark.parametrize("rare", [1e-301, 1e-100, 1e-20])
@pytest.mark.parametrize(("lam", "share"), [(1e-8, 0.5), (1e-8, 1e-4), (1.0, 1e-12), (1e-4, 1e-6)])
def test_favourites_that_are_rare_and_get_little(rare, lam, share):
    # The second voter takes only the rare level, so W_2 = p there = m p_ref + a (H_1 p + share).
    law = RewardLaw([0.0, 1.0, 2.0], [0.8, 0.2, rare], scores={"right": [0, 0, 1]})
    rule = Voters([(1 - share, BradleyTerry(INF)), (share, Accept("right"))])
    found = CurationLoop(law, rule=rule, lam=lam).fixed_point()
    weights, synthetic = np.exp(law.rewards), lam / (1 + lam)
    ratio = synthetic * (1 - share) * weights / (found.probs @ weights)
    expected = law.probs / (1 + lam) + found.probs * ratio + [0, 0, synthetic * share]
    np.testing.assert_allclose(found.probs, expected, rtol=1e-13)
    assert found.objective_gap < 1e-14


def test_what_floats_do_not_hold():
    rare, right = [0.8, 0.2, 1e-301, 1e-301], {"right": [0, 0, 1, 0]}
    law = RewardLaw([0.0, 1.0, 2.0, 1.0], rare, scores=right)
    rule = Voters([(0.7, BradleyTerry(INF)), (0.3, Accept("right"))])
    with pytest.raises(ArithmeticError, match=r"^the voters' objective must .* run the loop"):
        CurationLoop(law, rule=rule, lam=1e-15).fixed_point()


@pytest.mark.parametrize("retained", [0.0, 0.3])
def test_without_a_loop_it_is_p_ref(retained):
    found = CurationLoop(COMPROMISE, rule=two(0.5), lam=0.0, retained=retained).fixed_point()
    assert found.method == "reference"
    np.testing.assert_array_equal(found.probs, COMPROMISE.probs)
