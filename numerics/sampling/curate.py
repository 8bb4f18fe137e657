"""Curation by sampling: candidates are drawn from a pool, and some of them are chosen."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.rules import BestOf, BradleyTerry, Rule
from recurate.numerics.rules.levels import paper_candidates, rule_of
from recurate.numerics.sampling.arrays import (
    Array,
    is_tensor,
    looked_up,
    on_cpu,
    require_no_gradients,
)
from recurate.numerics.sampling.choice_rule import ChoiceRule, Pool, require_no_temperature
from recurate.numerics.sampling.choices_by_rule import candidates_taken, chosen, is_among_few
from recurate.numerics.sampling.pools import DisjointPools, DistinctPools, LawEntries, Pools
from recurate.numerics.sampling.streams import Stream, TorchStream, on_device, open_stream
from recurate.numerics.validation import (
    LARGEST_SPAN,
    FloatArray,
    count,
    probability_vector,
    rewards_vector,
    shown,
)

MOST_DISTINCT = 2**17
"""Most distinct candidates of a choice."""


def curate(
    rewards: Any,
    K: Any = None,
    n_curated: Any = None,
    *,
    rule: Any = None,
    prompts: Iterable[Hashable] | None = None,
    probs: Any = None,
    temperature: Any = 1.0,
    method: str = "cumulative",
    replace: bool = True,
    disjoint: bool = False,
    rng: Any = None,
    backend: str = "numpy",
    device: Any = None,
    dtype: str | None = None,
) -> Array:
    """Draw candidates from a pool and choose among them, `n_curated` times, as people would.

    Parameters
    ----------
    rewards : array_like, shape (n,), or RewardLaw
        Rewards r of the pool, finite. A law in their place has its probabilities, prompts, groups
        and scores beside them, for rules that read these.
    K : int or math.inf, optional
        Number of candidates of each Bradley–Terry choice, drawn with replacement: short for
        ``rule=BradleyTerry(K)``. Infinitely many candidates are the pool itself.
    n_curated : int
        Number of winners; with prompts, for each of them.
    rule : Rule, optional
        Another way to choose, of `recurate.rules` or your own. Give K or this.
    prompts : iterable of length n, optional
        A hashable label for each entry of the pool, of the prompt that it answers. The K candidates
        of a choice then answer one prompt.
    probs : array_like, shape (n,), optional
        Probabilities that candidates are drawn with; by default the law's, or uniform. Within a
        prompt their ratios count.
    temperature : float
        τ, with K: candidate k is chosen with probability proportional to e^{r_k/τ}. 1 is
        Bradley–Terry's choice (Plackett–Luce's first place); 0 always chooses the highest reward,
        one of the highest at random.
    method : {"cumulative", "gumbel"}
        How Bradley–Terry's choices are made: by one uniform number among the cumulative weights, or
        by the largest of r/τ + Gumbel noise. The law is the same.
    replace : bool
        Whether one entry may be several of a choice's candidates, as in the exact theory. False
        draws distinct entries, each as probable.
    disjoint : bool
        Whether the pool is shuffled and cut into batches of K, of which each is chosen from once.
        No entry is then a candidate twice, and a pool has at most n // K choices.
    rng : int or numpy.random.Generator, optional
        Seed or generator, for either backend: torch's own generator is seeded from it.
    backend : {"numpy", "torch"}
        The array library.
    device : str or torch.device, optional
        Where torch computes: "cpu" by default.
    dtype : {"float64", "float32"}, optional
        Type of rewards, weights and uniforms of Bradley–Terry's choices; float64 by default, as all
        others always are. In float32 each candidate adds an error of about 2^-24 to the law of a
        choice, and rewards are rounded to 2^-24 of their distance from the highest.

    Returns
    -------
    array of int, shape (n_curated,), or (prompts, n_curated)
        Indices of the winners in the pool: NumPy's, or a torch tensor on the device. Prompts are
        in the order of their first appearance, a row for each.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range; rewards over the temperature may span
        at most 1e12. If a label of a prompt is missing, or a prompt has no mass; if the law has not
        what the rule reads; if the pool is too small for distinct candidates; if gradients are
        wanted of a tensor.
    NothingAcceptedError
        If `Accept` finds nothing to accept, and is not told to keep such a pool as it is.
    ImportError
        If torch is asked for and not installed.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), the curated choice of Section 2. With replacement each
    winner's law is p · H with p the pool's law and H that of the rule. ``docs/simulation.md`` says
    what is done for each rule, and where winners are not independent. Memory is bounded whatever
    `n_curated` and K are: choices are made in blocks, and if K exceeds a block, the candidates are
    chosen from in turn.

    Examples
    --------
    Weights e^r of 1 and 3, best of two: the second wins with probability (1/2) (5/4).

    >>> import numpy as np
    >>> winners = curate([0.0, np.log(3.0)], K=2, n_curated=100_000, rng=1)
    >>> bool(abs(winners.mean() - 0.625) < 0.01)  # six standard deviations
    True

    Two prompts, one of which has a single answer:

    >>> curate([0.0, 9.0, 5.0], 2, 4, prompts=["a", "b", "a"], temperature=0, rng=1)
    array([[2, 2, 2, 2],
           [1, 1, 1, 1]])

    The best two of three entries, all different, are both kept:

    >>> from recurate.rules import BestOf
    >>> sorted(curate([0.0, 9.0, 5.0], rule=BestOf(3, keep=2), n_curated=2, replace=False).tolist())
    [1, 2]
    """
    require_no_gradients(rewards, "rewards")
    require_no_gradients(probs, "probs")
    stream = open_stream(rng, backend, device, dtype)
    choice: ChoiceRule | None = None
    if K is not None and rule is None:
        choice = ChoiceRule(K, temperature, method)
    else:
        rule, choice = _other(K, rule, temperature, method)
    n_curated = count(n_curated, "n_curated")
    law = None
    if isinstance(rewards, RewardLaw):
        law, rewards = rewards, rewards.rewards
        prompts, probs = _of_law(law, prompts, probs)
    values = _checked(rewards, stream)
    size = values.shape[0]
    checked = None if probs is None else probability_vector(probs, "probs", size)
    if choice is None or disjoint or not replace:
        law = RewardLaw(on_cpu(values), checked, prompts=prompts) if law is None else law
        if rule is None and choice is not None:
            rule = _as_rule(choice)
        kind = _pools_of(rule, law, checked, n_curated, replace, disjoint)
        entries = LawEntries(law, stream)
        weights = None if checked is None else on_device(checked[entries.order], stream)
        winners = chosen(rule, kind(stream, entries, entries.sizes, weights), n_curated, method)
        made = looked_up(stream.asarray(entries.order), winners)
        return made[0, :] if prompts is None else made
    if prompts is not None:
        return _within(prompts, values, checked, choice, n_curated, stream)
    weights = None
    highest = values.max()
    if checked is not None:
        weights = on_device(checked, stream)
        highest = values[weights > 0].max()
    # Relative to the highest before anything is rounded to float32.
    pool = Pool(choice.scaled(values - highest), weights, stream)
    return choice.winners(pool, n_curated)[0, :]


def _other(K: Any, rule: Any, temperature: Any, method: str) -> tuple[Rule, ChoiceRule | None]:
    """Return a checked rule, and the choice that it is if it is the paper's."""
    rule = rule_of(K, rule)
    require_no_temperature(ChoiceRule(1, temperature, method).temperature)
    paper = paper_candidates(rule)
    return rule, None if paper is None else ChoiceRule(paper, 1.0, method)


def _as_rule(choice: ChoiceRule) -> Rule:
    """Return the rule that a choice at a temperature is."""
    if choice.temperature == 0.0:
        return BestOf(choice.K)
    return BradleyTerry(choice.K, scale=1.0 / choice.temperature)


def _of_law(law: RewardLaw, prompts: Any, probs: Any) -> tuple[Any, Any]:
    """Return the prompts and probabilities of a law, or the probabilities that are given."""
    if law.is_continuous:
        raise ValueError(
            "rewards must be a law of atoms; got one with a density, whose nodes stand for no "
            "samples"
        )
    if prompts is not None:
        raise TypeError("prompts must be None with a law, which has its own; got some")
    if probs is None and not law.is_uniform:
        probs = law.probs
    elif probs is not None and law.prompt_index is not None:
        masses = np.bincount(law.prompt_index, probability_vector(probs, "probs", law.size))
        if not (masses > 0).all():
            label = law.prompt_names[int(np.argmin(masses))]
            raise ValueError(f"prompts must each have a positive mass; {shown(label)} has none")
    return law.prompt_index, probs


def _pools_of(
    rule: Rule,
    law: RewardLaw,
    probs: FloatArray | None,
    n_curated: int,
    replace: Any,
    disjoint: Any,
) -> type[Pools]:
    """Return the kind of pools, checked to be large enough for candidates that are distinct."""
    for name, value in (("replace", replace), ("disjoint", disjoint)):
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False; got {shown(value)}")
    if replace and not disjoint:
        return Pools
    option = "disjoint=True" if disjoint else "replace=False"
    if not is_among_few(rule):
        raise ValueError(
            f"rule must choose among K candidates for {option}, as BradleyTerry, BestOf, "
            f"PairwisePreference, RandomChoice and Voters of these do; got {rule}"
        )
    if probs is not None:
        raise ValueError(f"probs must be None, all equal, for {option}; got {shown(probs)}")
    smallest = int(np.bincount(law.prompt_of_atoms).min())
    taken = candidates_taken(rule, n_curated if disjoint else 1)
    if taken > min(smallest, MOST_DISTINCT if not disjoint else smallest):
        what = f"{n_curated:,} choices take {taken:,.15g}" if disjoint else f"K = {taken:,.15g}"
        raise ValueError(
            f"candidates must be no more than the {smallest:,} entries of the"
            f"{' smallest' if law.prompt_index is not None else ''} pool for {option}, and at most "
            f"{MOST_DISTINCT:,} at once; got {what}"
        )
    return DisjointPools if disjoint else DistinctPools


def _within(
    prompts: Iterable[Hashable],
    values: Array,
    probs: FloatArray | None,
    choice: ChoiceRule,
    n_curated: int,
    stream: Stream,
) -> Array:
    """Return the winners of `n_curated` choices within each prompt, shape (prompts, n_curated)."""
    xp = stream.xp
    # The law has what is needed: the order of the prompts, and the best reward of each.
    law = RewardLaw(on_cpu(values), probs, prompts=prompts)
    order = np.argsort(law.prompt_of_atoms, kind="stable")
    ends = np.cumsum(np.bincount(law.prompt_of_atoms))
    starts, places = map(stream.asarray, (np.concatenate([[0], ends]), order))
    relative = on_device(law.relative_rewards[order], stream)
    weights = None if probs is None else on_device(law.probs[order], stream)
    pool = Pool(choice.scaled(relative), weights, stream, starts)
    winners = choice.winners(pool, n_curated)
    return xp.reshape(xp.take(places, xp.reshape(winners, (-1,))), winners.shape)


def _checked(rewards: Any, stream: Stream) -> Array:
    """Return checked rewards: a torch tensor stays where it is if the stream is torch's."""
    if is_tensor(rewards):
        if isinstance(stream, TorchStream) and rewards.is_floating_point() and rewards.ndim == 1:
            place = rewards.detach().to(stream.generator.device)
            if (
                rewards.shape[0]
                and -LARGEST_SPAN <= 2 * place.min() <= 2 * place.max() <= LARGEST_SPAN
            ):
                return place.to(stream.xp.float64)
        rewards = on_cpu(rewards)  # for the check below, and its message
    return on_device(rewards_vector(rewards), stream)
