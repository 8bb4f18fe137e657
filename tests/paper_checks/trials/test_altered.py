"""A stranger breaks a theorem: another bound or a hypothesis less is refuted, or fails in proof."""

import contextlib
import dataclasses
import io
from fractions import Fraction

import pytest
import sympy

import recurate
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.check import Check, Margin, Mutant
from recurate.paper_checks.replay import least_margin
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.kinds import ExactRun
from recurate.paper_checks.runs.setting import ANY_START
from recurate.paper_checks.runs.small_instances import simpler, size, small_instances
from recurate.paper_checks.trials import altered
from recurate.paper_checks.trials.altered import check
from recurate.theory.catalogue import STATEMENTS, statement
from recurate.theory.language import notation
from recurate.theory.language.notation import max_weight, mean_weight, mean_weight_at, t
from recurate.theory.language.relations import at_most, equal
from recurate.theory.proving.justifications import Combination
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.statement import Hypothesis, Statement

TWO_THREE = statement("theorem-2.3")


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    """Few random loops: the small ones come first, and are what these tests are about."""
    effort = altered.EFFORTS["quick"]
    little = dataclasses.replace(effort, exact=30, certified=6)
    monkeypatch.setitem(altered.EFFORTS, "quick", little)
    monkeypatch.setitem(altered._SEARCHED, "quick", 8)
    monkeypatch.setattr(altered, "_LONGER", 4)


def replayed(trial):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(trial.replay, {})
    return printed.getvalue().strip()


def failing(trial):
    return None if trial.failing_step is None else trial.failing_step.step.label


@pytest.mark.parametrize(
    ("name", "bound", "step"),
    [
        ("theorem-2.3", "2*bound - mean_weight", "base"),
        ("theorem-2.3-sharp", "2*bound - mean_weight", "first"),  # twice its constant
        ("lemma-2.2", "bound + variance_weight/10", "claim"),
        ("lemma-2.2", "mean_weight + variance_weight/mean_weight*(K - 1)/K", "claim"),
        ("ratio-bound", "K/2 + 1/2", "claim"),
        ("theorem-2.4", "-log(1 - lam*(K - 1)/8)", "claim"),  # docs/hunting.md refutes it, too
    ],
)
def test_a_better_bound_is_refuted_by_a_short_loop(name, bound, step):
    trial = check(statement(name).with_bound(bound))
    assert trial.verdict == "refuted"
    assert failing(trial) == step
    found = trial.counterexample
    assert found.margin.value < 0
    assert found.instance.size == 2
    assert size(found.instance) <= 40
    assert replayed(trial) == str(found.margin)


def test_the_margin_of_twice_theorem_2_3_is_the_one_by_hand():
    # Weights 1/2 and 1, each with probability 1/2, K = 2, λ = 1/10. A pair of unequal weights has
    # the winner 1 with probability 2/3, so E_T w = (1/4)(1/2) + (1/2)(5/6) + (1/4) 1 = 19/24, and
    # E_1 w - 3/4 = (1/11)(1/24). The claim asks for 2 (10/11)^2 (1/11) (1/2) (1/16).
    trial = check(TWO_THREE.with_bound("2*bound - mean_weight"))
    by_hand = Fraction(1, 11 * 24) - 2 * Fraction(10, 11) ** 2 * Fraction(1, 11 * 32)
    assert trial.counterexample.margin.value == by_hand == Fraction(-29, 31944)
    assert trial.least_margin == by_hand


@pytest.mark.parametrize("bound", ["mean_weight", "bound - variance_weight/100"])
def test_a_weaker_bound_is_not_refuted_and_is_proved(bound):
    trial = check(TWO_THREE.with_bound(bound))
    assert trial.verdict == "holds"
    assert trial.counterexample is None
    assert trial.least_margin > 0
    assert [step.state for step in trial.proof] == ["verified"] * 10


def test_an_equality_that_a_check_tests_is_none_of_a_weaker_bound():
    # theorem-2.3-optimal tests that its bound is attained at t = 1.
    assert check(statement("theorem-2.3-optimal").with_bound("mean_weight")).verdict == "holds"


def test_a_bound_that_says_the_same_is_proved_by_the_same_steps():
    typed = "mean_weight + lam/(1 + lam)**3*(K - 1)/K*variance_weight/max_weight"
    trial = check(TWO_THREE.with_bound(typed))
    assert trial.verdict == "holds"
    assert len(trial.proof) == len(TWO_THREE.proof.steps)


def test_without_its_start_theorem_2_3_is_refuted_elsewhere():
    trial = check(TWO_THREE.without("start"))
    assert trial.verdict == "refuted"
    assert trial.broken_by["start"] > 0
    instance = trial.counterexample.instance
    assert instance.initial != instance.reference
    assert all(instance.reference)  # p_t has a density over p_ref
    assert failing(trial) == "first"
    assert "start" in trial.failing_step.reason
    assert replayed(trial) == str(trial.counterexample.margin)


@pytest.mark.parametrize(("name", "step"), [("candidates", "base"), ("bounded", "step")])
def test_what_no_loop_breaks_is_dropped_from_the_proof_only(name, step):
    trial = check(TWO_THREE.without(name))
    assert trial.verdict == "open"
    assert trial.broken_by == {name: 0}
    assert failing(trial) == step
    assert "dropped from the proof only" in str(trial)


@pytest.mark.parametrize(
    "name", ["reward-monotone", "reward-monotone-parameters", "divergence-monotone"]
)
def test_without_their_start_the_conjectures_are_refuted(name):
    # As their remarks say, and their mutant "from any start": they are open from p_ref only.
    trial = check(statement(name).without("start"))
    assert trial.verdict == "refuted"
    assert trial.counterexample.instance.initial is not None
    assert trial.broken_by == {"start": sum(e.cases for e in trial.evidence)}  # each counted once


def test_a_loop_that_is_computed_with_more_bits_counts_once():
    trial = check(statement("theorem-2.4").without("start"))
    assert sum(evidence.undecided for evidence in trial.evidence) > 0  # so it took more bits
    assert trial.broken_by == {"start": sum(e.cases for e in trial.evidence)}


def test_without_a_hypothesis_an_equation_has_no_open_signs():
    trial = check(statement("kl-regularised-reward").without("continuous"))
    assert trial.verdict == "open"
    assert sum(evidence.undecided for evidence in trial.evidence) == 0


@pytest.mark.parametrize("name", ["lemma-2.2-limits", "theorem-2.1-k-inf"])
def test_real_data_break_the_limits_of_the_pure_loop(name):
    # With λ finite p_ref stays in every p_t, so that E_t w stays below w_*.
    trial = check(statement(name).without("pure"))
    assert trial.verdict == "refuted"
    assert trial.counterexample.instance.lam < float("inf")


def test_a_bound_with_a_power_of_K_below_is_tried():
    trial = check(statement("loop-contraction").with_bound("99*bound/100"))
    assert trial.verdict == "refuted"  # it is attained (its equality cases)


def test_statements_and_trials_are_short_in_a_session():
    theorem = statement("theorem-2.3")
    claim = "E_{t+1} w >= E_ref w + λ/(1+λ)^3 · (K-1)/K · (Var_ref w)/w_*"
    assert repr(theorem) == f"<Statement theorem-2.3: {claim}>"
    assert str(theorem).splitlines()[0] == f"{theorem.label}: {theorem.title}"
    assert str(theorem).splitlines()[-1] == f"  then {claim}"
    trial = repr(check(theorem.without("start")))
    assert trial.startswith("<Trial of theorem-2.3 without start: refuted")


def test_without_the_pure_loop_mixed_ones_are_tried():
    trial = check(statement("lemma-2.2-variance-sum").without("pure"))
    assert trial.verdict == "refuted"
    assert trial.counterexample.instance.lam < float("inf")


def test_where_a_bound_is_undefined_the_claim_says_nothing():
    # -log(1 - λ(K-1)) for λ(K-1) >= 1
    trial = check(statement("theorem-2.4").without("small_lam"))
    assert trial.verdict == "open"
    assert trial.counterexample is None
    assert not any(evidence.undecided for evidence in trial.evidence)


def test_suppositions_go_with_their_hypothesis_and_come_back_by_no_other():
    assert set(TWO_THREE.proof.supposed) - set(TWO_THREE.without("start").proof.supposed) == {
        "start",
        "first variance",
    }
    both = TWO_THREE.without("start").without("candidates")
    assert [hypothesis.name for hypothesis in both.hypotheses] == ["bounded"]
    assert "several candidates" not in both.proof.supposed


@pytest.mark.parametrize("name", [n for n, s in STATEMENTS.items() if s.bound is not None])
def test_every_bound_can_be_replaced(name):
    known = CHECKS[name].names
    assert known
    told = statement(name).with_bound("bound/2")
    assert told.bound == statement(name).bound / 2
    assert told.claim.func == statement(name).claim.func
    if told.proof.steps:
        assert told.proof.steps[-1].claim == told.claim


def test_bad_alterations_are_refused():
    with pytest.raises(ValueError, match="hypotheses start, bounded, candidates; got 'strt'"):
        TWO_THREE.without("strt")
    with pytest.raises(ValueError, match="names must be among bound, K"):
        TWO_THREE.with_bound("foo")
    with pytest.raises(TypeError, match="bound must be text or an expression; got float"):
        TWO_THREE.with_bound(1.5)
    with pytest.raises(ValueError, match="has no bound that could be replaced"):
        statement("theorem-2.1").with_bound("1")
    with pytest.raises(ValueError, match=r"may have K, lam, mean_weight, .*; got top_mass"):
        check(TWO_THREE.with_bound("top_mass"))
    with pytest.raises(ValueError, match=r"may have K, lam, .*; got the symbol z"):
        check(TWO_THREE.with_bound(sympy.Symbol("z")))
    with pytest.raises(ValueError, match=r"theorem-2\.3.*; got 'theorem-2\.33'"):
        check("theorem-2.33")
    with pytest.raises(TypeError, match="tried must be an id, a Statement or a Check; got int"):
        check(1)
    with pytest.raises(ValueError, match="level must be one of quick, full"):
        check(TWO_THREE, level="slow")


# A statement of one's own.

M, A = notation.real_fraction, notation.synthetic_fraction
CLAIM = at_most(mean_weight_at(t + 1), M * mean_weight + A * max_weight)
CEILING = Statement(
    id="ceiling",
    label="",
    title="",
    source="",
    kind="ours",
    hypotheses=(
        Hypothesis("bounded", "bounded rewards", carried_by=("bounded",)),
        Hypothesis("start", "p_0 = p_ref", carried_by=("unused",)),
        Hypothesis("tacit", "what no supposition says"),
    ),
    claim=CLAIM,
    bound=CLAIM.rhs,
    bound_law="p_ref",
    proof=Proof(
        supposed={
            "mixture": equal(
                mean_weight_at(t + 1), M * mean_weight + A * notation.curated_mean_at(t)
            ),
            "bounded": at_most(notation.curated_mean_at(t), max_weight),
            "unused": equal(mean_weight_at(0), mean_weight),
        },
        steps=(Step("claim", CLAIM, "So.", Combination({"mixture": -1, "bounded": A})),),
    ),
)


def margins(run, bound):
    highest = bound(K=run.K, lam=run.lam, mean_weight=run.mean_weight, max_weight=1)
    for s in range(1, run.steps + 1):
        yield Margin(highest - run.mean(run.weights, s), f"t = {s}")


OWN = Check(CEILING, margins, mutants=(Mutant("no growth", bound=mean_weight),))


def test_a_statement_of_one_s_own():
    trial = check(OWN)
    assert trial.verdict == "holds"
    assert [outcome.kind for outcome in trial.mutants] == ["exact"]
    assert OWN.names == (
        *("K", "lam", "mean_weight", "max_weight"),
        *("inverse_candidates", "real_fraction", "synthetic_fraction"),
    )
    with pytest.raises(ValueError, match="needs a Check"):
        check(CEILING)


def test_a_statement_of_one_s_own_is_altered():
    less = OWN.of(CEILING.with_bound("bound - synthetic_fraction/10"))
    trial = check(less)
    assert trial.verdict == "refuted"
    assert failing(trial) == "claim"
    found = trial.counterexample
    assert least_margin(less, found.instance) == found.margin
    assert "claim = check  # yours" in trial.replay


def test_where_an_infinite_K_has_no_margins_nothing_is_tried_there():
    trial = check(statement("reward-monotone-small-mixing").without("finite_K"))
    assert (trial.verdict, trial.broken_by) == ("open", {"finite_K": 0})


def test_what_a_proof_says_of_a_dropped_hypothesis():
    # It holds from any start: the proof never uses what carries the hypothesis.
    from_anywhere = check(OWN.of(CEILING.without("start")))
    assert from_anywhere.verdict == "holds"
    assert from_anywhere.broken_by["start"] > 0
    assert "says that it does not use what was dropped" in str(from_anywhere)
    needed = check(OWN.of(CEILING.without("bounded")))
    assert (needed.verdict, failing(needed)) == ("open", "claim")
    tacit = check(OWN.of(CEILING.without("tacit")))
    assert tacit.verdict == "open"
    assert "tells nothing" in str(tacit)


# The loops that are tried first, and how one is made small.


def test_small_loops_come_first_and_stay_on_the_reference_s_atoms():
    for any_start in (False, True):
        instances = small_instances(any_start=any_start)
        assert list(map(size, instances)) == sorted(map(size, instances))
        assert len(set(map(str, instances))) == len(instances)
        for instance in instances:
            assert all(instance.reference)
            assert (instance.initial is not None) == any_start
            assert instance.initial != instance.reference


def test_simpler_loops_are_smaller_and_laws():
    instance = Instance.of(
        rewards="-7/3 0 1/9",
        reference="1/7 2/7 4/7",
        initial="1 0 0",
        second="1/3 1/3 1/3",
        K=7,
        lam="22/7",
        steps=5,
    )
    nearby = list(simpler(instance))
    assert nearby
    assert any(other.weights is not None for other in nearby)
    assert any(other.size == 2 for other in nearby)
    for other in nearby:
        assert size(other) < size(instance)
        assert all(other.reference)
        laws = (other.reference, other.initial, other.second)
        assert all(sum(law) == 1 for law in laws if law is not None)


def test_from_any_start_the_pools_start_at_the_second_law():
    for run in ANY_START.exact_pool(0, 5):
        assert run.instance.initial == run.instance.second == tuple(run.law(0))


def test_an_altered_check_is_left_as_it_is_where_nothing_changed():
    own = CHECKS["theorem-2.3"]
    assert own.of(TWO_THREE) is own
    assert own.of(TWO_THREE.without("start")).setting is ANY_START
    run = ExactRun(two_points("1/2", "1/2", lam=1))
    changed = own.of(TWO_THREE.with_bound("bound/2"))
    assert changed.margins_of(run)[0].value > own.margins_of(run)[0].value


def test_public_names():
    assert recurate.check is check
    assert recurate.statement("lemma-2.2") is STATEMENTS["lemma-2.2"]
    with pytest.raises(ValueError, match="got 'lemma'"):
        recurate.statement("lemma")
