"""For your own tests: does your curation code do what the theory says?

`assert_agrees` compares the winners of a curated step, or whole runs of a loop, with the exact
theory; `assert_choices` compares a log of choices with Bradley–Terry's rule, or another. Both have
a stated error rate, and `docs/testing.md` finds planted bugs with them. `samples_needed` returns
how many winners that takes.
"""

from __future__ import annotations

from typing import Any

from recurate.numerics.agreement.choice_log import LARGEST_SCALE, read_log
from recurate.numerics.agreement.choices import choices_verdict, fitted_verdict
from recurate.numerics.agreement.counted_runs import without_dropped
from recurate.numerics.agreement.exchanged_runs import runs_verdict
from recurate.numerics.agreement.p_values import trajectory_verdict
from recurate.numerics.agreement.power import MOST_WINNERS, WinnersTest
from recurate.numerics.agreement.ruled_choices import rule_verdict
from recurate.numerics.agreement.verdict import Verdict
from recurate.numerics.agreement.winners import curated_law, rule_at, winners_verdict
from recurate.numerics.agreement.winners_by_prompt import winners_by_prompt_verdict
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import Rule
from recurate.numerics.rules.rule import as_rule
from recurate.numerics.sampling.choices_by_rule import kept_together
from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory
from recurate.numerics.text import shortened, shown
from recurate.numerics.validation import count, finite_number
from recurate.own_runs import measured, one_of_each, require_loop, winner_counts

__all__ = ["assert_agrees", "assert_choices", "measured", "samples_needed"]

__tracebackhide__ = True  # pytest shows the line that called, here and in what is called here


def assert_agrees(
    simulated: Any, loop: CurationLoop, *, alpha: float = 1e-6, t: int | None = None
) -> None:
    """Raise AssertionError if a simulation disagrees with a loop's exact theory.

    Parameters
    ----------
    simulated : array_like of int, mapping, or SimulatedTrajectory
        Either the winners of one curated step: indices of the law's atoms, shape (m,), of choices
        independent of each other; or how often each atom won, as a mapping such as a `Counter`. For
        a law with prompts also (prompts, m), as `recurate.curate` returns them. If a rule keeps
        several of the same candidates, these stand side by side (no mapping).
        Or the trajectory of whole runs, from `recurate.simulate_loop` or `measured`.
    loop : CurationLoop
        Any loop. Winners depend on λ only through p_t.
    alpha : float
        Largest probability of an error if the simulation is right; above 0 and below 1.
    t : int, optional
        For winners, the step whose law p_t the candidates are drawn from; 0, p_ref, by default.

    Raises
    ------
    AssertionError
        If they disagree. The message has the place where they disagree most, the p-value, the
        sample size and the null hypothesis.
    TypeError, ValueError
        If an argument has the wrong kind or is out of range; if a trajectory has too few samples or
        runs for such a p-value.

    Notes
    -----
    For winners the p-value is a proved bound (exact multinomial, or exact binomial tails and
    Agrawal's bound on the G-test, joined by Bonferroni). For a law with prompts it is conditional
    on how many choices each prompt had, which may be any numbers; sums over the choices of all
    prompts have Chernoff's bound, and one of them looks for candidates of all prompts together.

    For trajectories of the paper's loop (K and one λ) the bands are
    simultaneous over figures and steps, from the bias and the spread that finite samples have to
    first order: use an n of some thousands, and at least a hundred samples of every class that the
    loop makes common. With fewer, correct code is refused more often than `alpha` says. For every
    other loop the p-value is a proved bound, for samples of every size: runs are compared with
    others that are drawn from their exact law.

    Examples
    --------
    >>> from recurate import CurationLoop, RewardLaw, curate
    >>> loop = CurationLoop(RewardLaw([0.0, 1.0, 2.0]), K=4, lam=1.0)
    >>> assert_agrees(curate(loop.law.rewards, 4, 10_000, rng=0), loop)
    >>> assert_agrees({0: 750, 1: 3_400, 2: 5_850}, loop)
    Traceback (most recent call last):
    ...
    AssertionError: t = 0: atom 0 (reward 0) won 750 of 10000 times, expected 1319.9 ± 33.8 \
(p-value 2.9e-72, alpha 1e-06)
      winners disagree with p_0 · H, K = 4
      null hypothesis: 10,000 independent winners, multinomial over 3 atoms
    """
    require_loop(loop, "loop")
    _require_rate(alpha)
    is_paper = loop.schedule.K is not None
    if isinstance(simulated, SimulatedTrajectory):
        if t is not None:
            raise ValueError(
                f"t must be None for a trajectory, which has all steps; got {shown(t)}"
            )
        loop, _ = without_dropped(loop, simulated.steps)
        if simulated.group_names != loop.law.group_names:
            raise ValueError(
                f"simulated must have the loop's groups, {shown(loop.law.group_names)}; "
                f"got {shown(simulated.group_names)}"
            )
        number = None if loop.law.prompt_index is None else len(loop.law.prompt_names)
        if simulated.prompts != number:
            raise ValueError(
                f"simulated must have the loop's prompts, {number or 'none'}; got "
                f"{simulated.prompts or 'none'}"
            )
        if is_paper:
            verdict = trajectory_verdict(simulated, loop)
        else:
            verdict = runs_verdict(simulated, loop, alpha)
        _refuse(verdict, alpha, verdict.departure, "the trajectory disagrees with the loop's")
        return
    step = 0 if t is None else count(t, "t")
    law, how, title = loop.law, "", f"winners disagree with p_{step} · H, "
    if is_paper:
        title += f"K = {loop.K:g}"
    else:
        rule = rule_at(loop, step)
        title += f"rule = {shortened(str(rule), 60)}"
        keep = kept_together(rule)
        if keep > 1:
            simulated, how = one_of_each(simulated, keep, rule), f", of each {keep} a random one"
    counts = winner_counts(simulated, law.size, has_prompts=law.prompt_index is not None)
    if law.prompt_index is None:
        verdict = winners_verdict(counts, curated_law(loop, step), law.rewards)
    else:
        verdict = winners_by_prompt_verdict(
            counts, curated_law(loop, step), curated_law(loop, step, is_pooled=True), law
        )
        title += ", within prompts"
    _refuse(verdict, alpha, f"t = {step}: {verdict.departure}", title + how)


def assert_choices(
    shown: Any,
    chosen: Any,
    *,
    scale: float | None = 1.0,
    rule: Rule | None = None,
    law: RewardLaw | None = None,
    alpha: float = 1e-6,
) -> float:
    """Raise AssertionError if choices do not follow a rule, given what was shown.

    The rule is Bradley–Terry's by default.

    Parameters
    ----------
    shown : array_like, shape (n, K)
        Rewards of what was shown at each choice; NaN where there was less than K to choose from.
        With a law, numbers of its atoms.
    chosen : array_like of int, shape (n,)
        Positions of what was chosen, from 0 to K - 1. For a rule that keeps several, one of them,
        drawn at random; or all, shape (n, keep).
    scale : float, optional
        s: position k is chosen with probability proportional to e^{s r_k} (Plackett–Luce, first
        place). 1 is the rule of `recurate.curate`, 1/τ that at temperature τ; 0 ignores the
        rewards, and below 0 low rewards are preferred. With None the rule may have any scale.
    rule : Rule, optional
        Another choice among K, of `recurate.rules` or your own, in place of `scale`. Of `Stages`,
        what the first stage's choices were made from stands side by side.
    law : RewardLaw, optional
        The law whose atoms were shown, for a rule that reads scores, groups or atoms.
    alpha : float
        Largest probability of an error if the rule holds; above 0 and below 1.

    Returns
    -------
    float
        The scale: the given one (1 for a rule), or the one of greatest likelihood.

    Raises
    ------
    AssertionError
        If they do not. The message has the place where they disagree most, the p-value, the sample
        size and the null hypothesis.
    TypeError, ValueError
        If an argument has the wrong kind or is out of range; the message names the row. For
        ``scale=None`` also if the fitted scale is not finite: each choice was one of the highest
        rewards shown (or of the lowest), or rewards shown together are always equal. For a rule if
        it does not choose among as many as are shown, or the candidates have not what it reads.

    Notes
    -----
    The p-value is a proved bound for every n, conditional on what was shown, derived in
    ``docs/testing.md``: Chernoff's bound for the sum of the rewards chosen, for how often each
    position was chosen and for how often one of the g highest rewards was, joined by Bonferroni's
    inequality; for a fitted scale Markov's bound for a ratio of likelihoods. Choices have to be
    independent of each other given what was shown. For a rule sums of scores, and of the logarithms
    of the probabilities, are looked at too, and how often each group was chosen.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> shown = rng.normal(size=(10_000, 4))
    >>> chosen = (shown + rng.gumbel(size=shown.shape)).argmax(axis=1)  # Bradley–Terry's rule
    >>> assert_choices(shown, chosen)
    1.0
    >>> round(assert_choices(shown, chosen, scale=None), 1)
    1.0
    >>> assert_choices(shown, chosen, scale=1.25)
    Traceback (most recent call last):
    ...
    AssertionError: the mean reward chosen is 0.6135, expected 0.7004 ± 0.0055 \
(p-value 1.8e-48, alpha 1e-06)
      choices disagree with Bradley–Terry's rule at scale 1.25
      null hypothesis: 10,000 independent choices, Bradley–Terry with weights e^(s r), s = 1.25
    """
    _require_rate(alpha)
    if rule is not None or law is not None:
        if scale != 1.0 or rule is None:
            got = "a law alone" if rule is None else f"both, with scale={scale}"
            raise ValueError(f"rule, and law with it, must be given in place of scale; got {got}")
        verdict = rule_verdict(shown, chosen, as_rule(rule, "rule"), law)
        said = shortened(str(rule), 60)
        _refuse(verdict, alpha, verdict.departure, f"choices disagree with {said}")
        return 1.0
    log = read_log(shown, chosen)
    if scale is None:
        verdict, used = fitted_verdict(log)
        title = "choices disagree with Bradley–Terry's rule at every scale"
    else:
        used = finite_number(scale, "scale")
        if abs(used) > LARGEST_SCALE:
            raise ValueError(f"scale must be at most {LARGEST_SCALE:g} in size; got {used:g}")
        verdict = choices_verdict(log, used)
        title = f"choices disagree with Bradley–Terry's rule at scale {used:g}"
    _refuse(verdict, alpha, verdict.departure, title)
    return used


def samples_needed(
    loop: CurationLoop,
    *,
    against: CurationLoop,
    power: float = 0.9,
    alpha: float = 1e-6,
    t: int | None = None,
) -> int:
    """Return how many winners `assert_agrees` needs to refuse another loop.

    Parameters
    ----------
    loop : CurationLoop
        The loop that winners are compared with.
    against : CurationLoop
        The loop that they come from: another K, law, λ, or rewards of the same atoms.
    power : float
        Least probability that they are refused; above `alpha` and below 1.
    alpha : float
        As for `assert_agrees`.
    t : int, optional
        Step whose law p_t the candidates are drawn from, in both loops; 0 by default.

    Returns
    -------
    int
        The least number from which the computed power is reached, up to small irregularities,
        since counts are whole numbers.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range, if the loops have different numbers of
        atoms, or if 10^12 winners do not tell their curated laws apart.

    Notes
    -----
    The power is computed from the p-value of `assert_agrees` itself. It is exact where that p-value
    is the exact multinomial one (two atoms up to 19,999 winners, three up to 198). Elsewhere it is
    a proved lower bound, so that fewer winners may do; ``docs/testing.md`` says how many fewer.

    Examples
    --------
    >>> from recurate import CurationLoop, RewardLaw
    >>> law = RewardLaw([0.0, 1.0, 2.0])
    >>> loop, against = (CurationLoop(law, K=K, lam=1.0) for K in (4, 3))
    >>> samples_needed(loop, against=against)
    8683
    """
    require_loop(loop, "loop")
    require_loop(against, "against")
    _require_rate(alpha)
    for each in (loop, against):
        each.law.require_no_prompts("samples_needed")
    if not alpha < finite_number(power, "power") < 1.0:
        raise ValueError(f"power must be above alpha, {alpha:g}, and below 1; got {power}")
    if against.law.size != loop.law.size:
        raise ValueError(
            f"against must have the atoms of loop, {loop.law.size}; got {against.law.size}"
        )
    step = 0 if t is None else count(t, "t")
    law, other = (curated_law(each, step) for each in (loop, against))
    test = WinnersTest(law, other, loop.law.rewards, alpha)
    number = test.winners_needed(power)
    if number is None:
        raise ValueError(
            f"against must have another law of winners than loop; got laws at t = {step} that "
            f"differ by at most {abs(law - other).max():.1g}, and {MOST_WINNERS:g} winners "
            "do not tell them apart"
        )
    return number


def _refuse(verdict: Verdict, alpha: float, first: str, title: str) -> None:
    """Raise AssertionError if the p-value is below alpha."""
    if verdict.p_value < alpha:
        raise AssertionError(
            f"{first} (p-value {max(verdict.p_value, 1e-300):.2g}, alpha {alpha:g})\n"
            f"  {title}\n  null hypothesis: {verdict.null}"
        )


def _require_rate(alpha: float) -> None:
    if not 0.0 < finite_number(alpha, "alpha") < 1.0:
        raise ValueError(f"alpha must be above 0 and below 1; got {alpha}")
