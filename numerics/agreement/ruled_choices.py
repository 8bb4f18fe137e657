"""Whether choices follow a rule, given the candidates: p-values that are proved bounds.

Each rule among K says with what probability each candidate is chosen. The statements are those of
`recurate.numerics.agreement.choices`, with these probabilities in place of Bradley–Terry's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from recurate.numerics.agreement.choice_log import ChoiceLog, Event, read_log
from recurate.numerics.agreement.choices import LEAST_P_VALUE, Look, count_look, sum_look
from recurate.numerics.agreement.verdict import Verdict, furthest
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.rules import (
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Rule,
    Stages,
    Voters,
)
from recurate.numerics.rules.rule import column_of
from recurate.numerics.rules.within import one_of_each
from recurate.numerics.sampling.arrays import on_cpu
from recurate.numerics.sampling.choices_by_rule import kept_together
from recurate.numerics.text import shortened, shown
from recurate.numerics.validation import FloatArray

__tracebackhide__ = True  # for recurate.testing: pytest shows the line that called

MOST_OF_OWN = 8
"""Most candidates of a rule of one's own: 2^K laws tell how it chooses among K."""

MOST_TUPLES = 2**25
"""Most ways in which candidates of a log may come to the last one of several stages."""

_MOST_LABELS = 16


def rule_verdict(candidates: Any, chosen: Any, rule: Rule, law: RewardLaw | None) -> Verdict:
    """Test choices against a rule, given the candidates.

    Parameters
    ----------
    candidates : array_like, shape (n, K)
        Numbers of the law's atoms; without a law, rewards.
    chosen : array_like of int, shape (n,), or (n, keep)
        Positions chosen.
    rule : Rule
        The rule.
    law : RewardLaw, optional
        The atoms.

    Returns
    -------
    Verdict
        Null hypothesis: in each row a position is chosen with the rule's probability given the
        candidates, independently of the other rows.
    """
    atoms, law = _atoms(candidates, law)
    log = read_log(law.rewards[atoms], _places(chosen, kept_together(rule)))
    log_probs = log_choice_probs(rule, law, atoms)
    null = f"{log.size:,} independent choices by {shortened(str(rule), 60)}, given the candidates"
    impossible = np.flatnonzero(log.of_chosen(log_probs) == -np.inf)
    if impossible.size:
        row = impossible[0]
        said = (
            f"position {log.chosen[row]} was chosen in row {row}, which the rule never does there "
            f"({impossible.size:,} such rows)"
        )
        return Verdict(LEAST_P_VALUE, null, said)
    looks = _looks(log, log_probs, law, atoms)
    best = looks[furthest([look.log_ratio for look in looks])]
    p_value = 2 * len(looks) * math.exp(-best.log_ratio)  # each look is two-sided
    return Verdict(min(1.0, max(p_value, LEAST_P_VALUE)), null, best.departure)


def _looks(log: ChoiceLog, log_probs: FloatArray, law: RewardLaw, atoms: IntArray) -> list[Look]:
    """Return what is looked at, which the candidates and the rule decide."""
    surprise = np.where(log_probs > -np.inf, log_probs, 0.0)
    looks = [sum_look(log, log_probs, surprise, "log-probability of what was chosen")]
    columns = {"reward": law.rewards} | {f"score {name!r}": law.scores[name] for name in law.scores}
    events: list[Event] = []
    for name, column in columns.items():
        values = column[atoms]
        if np.isnan(values).any():
            continue
        of_column = read_log(values, log.chosen)
        looks.append(
            sum_look(log, log_probs, of_column.rewards, f"{name} chosen", of_column.offset)
        )
        found = of_column.events()
        ranks = [event for event in found if "position" not in event.name]
        if name != "reward":
            found = [event._replace(name=f"{event.name} by {name}") for event in ranks]
        events += found
    if law.group_index is not None and len(law.group_names) <= _MOST_LABELS:
        of_atoms, names = law.group_index[atoms], [f"group {name!r}" for name in law.group_names]
    else:
        of_atoms, names = atoms, [f"atom {i}" for i in range(law.size)]
    if len(names) <= _MOST_LABELS:
        events += [Event(name, of_atoms == i) for i, name in enumerate(names)]
    return looks + [count_look(log, log_probs, event) for event in events]


def log_choice_probs(rule: Rule, law: RewardLaw, atoms: IntArray) -> FloatArray:
    """Return the logarithms of the probabilities of choosing each candidate, shape (n, K).

    Parameters
    ----------
    rule : Rule
        A choice among K. Of `Stages` the candidates of the first stage's choices stand side by
        side; of a rule that keeps several, one of them at random is chosen.
    law : RewardLaw
        The atoms.
    atoms : ndarray of int, shape (n, K)
        The candidates.

    Raises
    ------
    ValueError
        If the rule does not choose among K candidates, or there are too many ways to count.
    """
    of_kind: dict[type[Rule], Callable[[Any, RewardLaw, IntArray], FloatArray]] = {
        BradleyTerry: _bradley_terry,
        BestOf: _best_of,
        PairwisePreference: _preference,
        RandomChoice: _random,
        Voters: _voters,
        Stages: _stages,
    }
    K, most = atoms.shape[1], rule.most_candidates
    if most == math.inf:
        raise ValueError(
            f"rule must choose among a number K of candidates for a log of choices; got {rule}: "
            "assert_agrees compares its winners with p H"
        )
    if most != K and not isinstance(rule, RandomChoice | Voters):
        raise ValueError(
            f"shown must have {most:g} candidates in each row, as {shortened(str(rule), 60)} "
            f"chooses among so many; got {K}"
        )
    log_probs: FloatArray = of_kind.get(type(rule), _own)(rule, law, atoms)
    return log_probs


def _bradley_terry(rule: BradleyTerry, law: RewardLaw, atoms: IntArray) -> FloatArray:
    values = rule.scale * column_of(law, rule.by)[atoms]
    logits = values - values.max(axis=1, keepdims=True)
    log_probs: FloatArray = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return log_probs


def _best_of(rule: BestOf, law: RewardLaw, atoms: IntArray) -> FloatArray:
    values = column_of(law, rule.by)[atoms]
    better = (values[:, None, :] > values[:, :, None]).sum(axis=2)
    tied = (values[:, None, :] == values[:, :, None]).sum(axis=2)
    return log_masses(np.clip((rule.keep - better) / tied, 0.0, 1.0) / rule.keep)


def _preference(rule: PairwisePreference, law: RewardLaw, atoms: IntArray) -> FloatArray:
    rule.columns_read(law)  # its error says what does not fit
    labels = atoms
    if rule.of == "groups":
        assert law.group_index is not None
        labels = law.group_index[atoms]
    return log_masses(rule.matrix[labels, labels[:, ::-1]])


def _random(rule: RandomChoice, law: RewardLaw, atoms: IntArray) -> FloatArray:
    return np.full(atoms.shape, -math.log(atoms.shape[1]))


def _voters(rule: Voters, law: RewardLaw, atoms: IntArray) -> FloatArray:
    voters = [voter for voter in rule.voters if voter[0] > 0]
    terms = [math.log(share) + log_choice_probs(of, law, atoms) for share, of in voters]
    total = special.logsumexp(terms, axis=0)
    log_probs: FloatArray = total - special.logsumexp(total, axis=1, keepdims=True)
    return log_probs


def _stages(rule: Stages, law: RewardLaw, atoms: IntArray) -> FloatArray:
    """Go through all candidates that the last stage may be shown."""
    earlier, last = rule.rules[:-1], rule.rules[-1]
    if not earlier:
        return log_choice_probs(last, law, atoms)
    n, K = atoms.shape
    shown_last = int(last.most_candidates)
    each = K // shown_last
    if n * each**shown_last > MOST_TUPLES:
        raise ValueError(
            f"shown must have at most {MOST_TUPLES // each**shown_last:,} rows for {rule}, whose "
            f"last stage may be shown {each}^{shown_last} different sets of each; got {n:,}: test "
            "the log of each stage by itself"
        )
    groups = atoms.reshape(n, shown_last, each)
    first = [
        np.exp(log_choice_probs(Stages(earlier), law, groups[:, j])) for j in range(shown_last)
    ]
    places = np.arange(shown_last)
    found = np.zeros(groups.shape)
    for of_each in itertools.product(range(each), repeat=shown_last):
        weight = np.prod([probs[:, i] for probs, i in zip(first, of_each, strict=True)], axis=0)
        then = log_choice_probs(last, law, groups[:, places, of_each])
        found[:, places, of_each] += weight[:, None] * np.exp(then)
    return log_masses(found.reshape(n, K))


def _own(rule: Rule, law: RewardLaw, atoms: IntArray) -> FloatArray:
    """Return how a rule of one's own chooses, from H of laws on the candidates.

    T(p)(x) is a homogeneous polynomial in the masses of the K candidates. The coefficient of their
    product has every candidate once: K! times the probability that x is chosen, in any order of
    them. With p_S uniform on the candidates in S it is, by inclusion and exclusion,

        Σ_{S ∋ x} (-1)^{K-|S|} |S|^{K-1} H_{p_S}(x).
    """
    K = atoms.shape[1]
    if K > MOST_OF_OWN:
        raise ValueError(
            f"rule must choose among at most {MOST_OF_OWN} candidates if it is one of your own, as "
            f"2^K laws tell how; got {K}"
        )
    rows, index = np.unique(atoms, axis=0, return_inverse=True)
    sets = [np.array(s) for size in range(1, K + 1) for s in itertools.combinations(range(K), size)]
    probs = np.zeros(rows.shape)
    for row, found in zip(rows, probs, strict=True):
        log_ratio = rule.prepared(_part(law, row))
        for members in sets:
            log_probs = np.full(K, -np.inf)
            log_probs[members] = -math.log(members.size)
            what = f"log_ratio of {type(rule).__name__}"
            with np.errstate(divide="ignore"):  # a rule may take the logarithm of no mass
                ratio = np.exp(one_of_each(log_ratio(log_probs), what, (K,))[members])
            found[members] += (-1) ** (K - members.size) * members.size ** (K - 1) * ratio
    probs /= math.factorial(K)
    wrong = np.flatnonzero((probs.min(axis=1) < -1e-6) | (np.abs(probs.sum(axis=1) - 1) > 1e-6))
    if wrong.size:
        raise ValueError(
            f"rule must choose one of {K} candidates by these alone, as most_candidates says; got "
            f"{rule}, with probabilities {shown(probs[wrong[0]].round(6).tolist())} for the atoms "
            f"{rows[wrong[0]].tolist()}"
        )
    return log_masses(np.maximum(probs, 0.0))[index.ravel()]


def _part(law: RewardLaw, row: IntArray) -> RewardLaw:
    """Return the law of some atoms, of equal masses."""
    groups = None
    if law.group_index is not None:
        groups = Labels(law.group_names, law.group_index[row])
    scores = {name: values[row] for name, values in law.scores.items()}
    there = {name: values for name, values in scores.items() if not np.isnan(values).all()}
    return RewardLaw(law.rewards[row], groups=groups, scores=there or None)


def _atoms(candidates: Any, law: RewardLaw | None) -> tuple[IntArray, RewardLaw]:
    """Return the candidates as atoms of a law, checked."""
    if law is None:
        log = read_log(candidates, np.zeros(len(candidates), np.intp))
        short = np.flatnonzero(~log.present.all(axis=1))
        if short.size:
            raise ValueError(
                "shown must have as many candidates in each row as the rule chooses among; got NaN "
                f"in row {short[0]}"
            )
        values = np.asarray(on_cpu(candidates), dtype=np.float64)
        rewards, index = np.unique(values, return_inverse=True)
        return index.reshape(values.shape), RewardLaw(rewards)
    if not isinstance(law, RewardLaw):
        raise TypeError(f"law must be a RewardLaw; got {type(law).__name__}")
    atoms = np.asarray(on_cpu(candidates))
    if atoms.dtype.kind not in "iu":
        raise TypeError(
            "shown must be numbers of the law's atoms, integers, if a law is given; got an array "
            f"of type {atoms.dtype}"
        )
    if atoms.ndim != 2 or atoms.size == 0:
        raise ValueError(
            f"shown must have shape (n, K), n and K at least 1; got shape {atoms.shape}"
        )
    outside = np.argwhere((atoms < 0) | (atoms >= law.size))
    if outside.size:
        row, place = outside[0]
        raise ValueError(
            f"shown must be numbers of the law's atoms, 0 to {law.size - 1}; got "
            f"{atoms[row, place]} in row {row}"
        )
    prompts = law.prompt_of_atoms[atoms]
    mixed = np.flatnonzero((prompts != prompts[:, :1]).any(axis=1))
    if mixed.size:
        names = [law.prompt_names[z] for z in np.unique(prompts[mixed[0]])]
        raise ValueError(
            f"shown must have answers to one prompt in each row; got {shown(names)} in row "
            f"{mixed[0]}"
        )
    return atoms.astype(np.intp), law


def _places(chosen: Any, keep: int) -> Any:
    """Return one position of each row: of several that were kept, a random one."""
    places = np.asarray(on_cpu(chosen))
    if places.ndim != 2:
        return chosen
    if places.shape[1] != keep:
        raise ValueError(
            f"chosen must have one position for each row of shown, or the {keep} that were kept; "
            f"got shape {places.shape}"
        )
    ordered = np.sort(places, axis=1)
    twice = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
    if twice.size:
        raise ValueError(
            f"chosen must have different positions in each row; got {places[twice[0]].tolist()} in "
            f"row {twice[0]}"
        )
    which = np.random.default_rng(0).integers(keep, size=len(places))
    return places[np.arange(len(places)), which]
