"""The law of the rewards of real data: all that a curated retraining loop depends on."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.atom_rows import AtomRows
from recurate.numerics.laws.expressions import MOST_ATOMS, can_be_pasted, law_expression
from recurate.numerics.laws.groups import Labels, numbered
from recurate.numerics.laws.of_prompts import arguments_of_prompt
from recurate.numerics.laws.scores import checked_scores
from recurate.numerics.laws.units import Unit
from recurate.numerics.log_sums import sums_of_masses
from recurate.numerics.read_only import read_only
from recurate.numerics.validation import (
    FloatArray,
    probability_vector,
    real_vector,
    rewards_vector,
    shown,
)

if TYPE_CHECKING:
    from recurate.numerics.laws.density_law import DensityLaw

IntArray = npt.NDArray[np.intp]


class RewardLaw:
    """A finite law of rewards under the reference distribution p_ref.

    Parameters
    ----------
    rewards : array_like, shape (n,)
        Rewards r(x) of the atoms, real, larger is preferred. Ties are allowed; order is kept.
    probs : array_like, shape (n,), optional
        Their probabilities under p_ref, summing to 1 within 1e-9; uniform by default. Zeros are
        allowed and do not count for `max_reward`.
    groups : iterable of length n, optional
        A hashable label for each atom (its class, say), whose share of the mass is followed. Bytes
        become text.
    prompts : iterable of length n, optional
        A hashable label for each atom, of the prompt that it answers. The K candidates of a choice
        then answer one prompt: curation acts within each, and the prompts' masses never change.
        Figures are means over prompts, and weights are relative to each prompt's best reward.
    prompt_weights : {"rows", "equal"}
        Whether a prompt weighs as `probs` say, or all weigh the same.
    scores : mapping from str to array_like, shape (n,), optional
        Columns whose means are followed along the loop; NaN where a value is missing: the mean is
        over the atoms that have one.

    Raises
    ------
    TypeError
        If rewards, probs or scores are not real numbers, or a label is not hashable.
    ValueError
        If rewards are empty, NaN, infinite or span more than 1e12; if probs are negative, do not
        sum to one or have another length; if groups or prompts have another length, or a label is
        missing (None, NaN, nothing but blanks) or bytes that are not text in UTF-8; if a prompt has
        no mass; if a score is infinite, or nowhere present with mass.

    Notes
    -----
    A retraining loop depends on x only through r(x), so this one-dimensional law is its whole
    state: p_t = g_t(r) p_ref (paper, Lemma 2.1). With prompts that holds within each of them.

    Examples
    --------
    >>> law = RewardLaw([0.0, 2.0, 1.0, 2.0], groups=["cat", "dog", "cat", "owl"])
    >>> law.size, law.max_reward, law.group_names
    (4, 2.0, ('cat', 'dog', 'owl'))

    Two prompts of two answers each:

    >>> law = RewardLaw([0.0, 1.0, 5.0, 7.0], prompts=["a", "a", "b", "b"])
    >>> law.prompt_names, law.relative_rewards.tolist()
    (('a', 'b'), [-1.0, 0.0, -2.0, 0.0])
    """

    is_continuous: ClassVar[bool] = False
    """Whether it stands for a law with a density (`from_density`)."""

    given_probs: FloatArray | None = None
    """Probabilities as given, before they were normalised; kept by laws that print them."""

    has_mean_weight: bool = True
    """Whether E_ref e^r is finite, as K = inf needs."""

    atom_rows: AtomRows | None = None
    """The rows that the atoms stand for, in a law of summarised rows; None if one each."""

    prompt_names: tuple[Hashable, ...] = ()
    """The prompts, by first appearance; none if all candidates are of one kind."""

    prompt_index: IntArray | None = None
    """Each atom's prompt, as its number among `prompt_names`, shape (n,); None without prompts."""

    scores: Mapping[str, FloatArray] = MappingProxyType({})  # of all laws without any
    """The columns that are followed, by name, each of shape (n,); NaN where there is no value."""

    def __init__(
        self,
        rewards: Any,
        probs: Any = None,
        groups: Iterable[Hashable] | Labels | None = None,
        *,
        prompts: Iterable[Hashable] | Labels | None = None,
        prompt_weights: Literal["rows", "equal"] = "rows",
        scores: Mapping[str, Any] | None = None,
    ) -> None:
        self.rewards: FloatArray = rewards_vector(rewards)
        if probs is None:
            # One number seen n times: no memory, and known to be uniform.
            self.probs: FloatArray = np.broadcast_to(1.0 / self.rewards.size, self.rewards.size)
        else:
            self.probs = probability_vector(probs, "probs", self.rewards.size)
            if self.rewards.size <= MOST_ATOMS:
                self.given_probs = read_only(real_vector(probs, "probs"))
        self.group_names: tuple[Hashable, ...] = ()
        self.group_index: IntArray | None = None
        if groups is not None:
            self.group_names, group_index = numbered(groups, self.rewards.size)
            self.group_index = read_only(group_index)
        if prompt_weights not in ("rows", "equal"):
            raise ValueError(
                f"prompt_weights must be 'rows' or 'equal'; got {shown(prompt_weights)}"
            )
        if prompts is not None:
            self._add_prompts(prompts, are_equal=prompt_weights == "equal")
        elif prompt_weights == "equal":
            raise ValueError("prompt_weights must be 'rows' for a law without prompts; got 'equal'")
        self.rewards, self.probs = read_only(self.rewards), read_only(self.probs)
        if scores is not None:
            self.scores = checked_scores(scores, self.probs)

    def _add_prompts(self, prompts: Iterable[Hashable] | Labels, *, are_equal: bool) -> None:
        self.prompt_names, index = numbered(prompts, self.rewards.size, "prompts")
        self.prompt_index = read_only(index)
        masses = self.prompt_probs
        if not masses.all():
            name = self.prompt_names[int(np.argmin(masses))]
            raise ValueError(f"prompts must each have a positive mass; {shown(name)} has none")
        if are_equal:
            self.probs = probability_vector(
                self.probs / (masses * masses.size)[index], "probs", self.rewards.size
            )
            self.given_probs = None
            del self.prompt_probs

    @property
    def prompt_of_atoms(self) -> IntArray:
        """`prompt_index`; zeros without prompts, as if all candidates answered one, shape (n,)."""
        if self.prompt_index is None:
            return read_only(np.zeros(self.size, np.intp))
        return self.prompt_index

    @cached_property
    def prompt_probs(self) -> FloatArray:
        """Mass of each prompt under p_ref, which every step keeps, shape (prompts,)."""
        prompt = self.prompt_of_atoms
        if self.probs.strides == (0,):
            return read_only(np.bincount(prompt) * self.probs[0])
        return read_only(sums_of_masses(prompt, self.probs, int(prompt.max()) + 1))

    @cached_property
    def prompt_best(self) -> FloatArray:
        """Largest reward of positive probability of each prompt, shape (prompts,)."""
        best = np.full(self.prompt_probs.size, -math.inf)
        with_mass = np.flatnonzero(self.probs)
        np.maximum.at(best, self.prompt_of_atoms[with_mass], self.rewards[with_mass])
        return read_only(best)

    @property
    def score_names(self) -> tuple[str, ...]:
        """Names of the columns that are followed."""
        return tuple(self.scores)

    def prompt(self, label: Hashable) -> RewardLaw:
        """Return the law of the answers to one prompt.

        Raises
        ------
        ValueError
            If the law has no such prompt.

        Examples
        --------
        >>> law = RewardLaw([0.0, 1.0, 5.0, 7.0], prompts=["a", "a", "b", "b"])
        >>> law.prompt("b")
        RewardLaw([5.0, 7.0], [0.5, 0.5])
        """
        if not isinstance(label, Hashable) or label not in self.prompt_names:
            some = ", ".join(map(repr, self.prompt_names[:5])) or "none"
            raise ValueError(f"label must be a prompt of the law's ({some}, …); got {shown(label)}")
        number = self.prompt_names.index(label)
        rows = np.flatnonzero(self.prompt_index == number)
        return RewardLaw(**arguments_of_prompt(self, number, rows))

    def require_no_prompts(self, what: str) -> None:
        """Raise ValueError, for `what` is about a law whose candidates are all of one kind."""
        if self.prompt_index is not None:
            raise ValueError(
                f"{what} needs a law without prompts; got one with {len(self.prompt_names):,}: "
                "take law.prompt(label) for the law of one of them"
            )

    @classmethod
    def from_table(
        cls,
        table: Any,
        *,
        reward: str,
        reward_is: Unit = "log-odds",
        scale: float = 1.0,
        group: str | None = None,
        weight: str | None = None,
        prompt: str | Sequence[str] | None = None,
        prompt_weights: Literal["rows", "equal"] = "rows",
        scores: Iterable[str] = (),
    ) -> RewardLaw:
        """Return the law of a table of pandas, polars or pyarrow, one atom a row.

        Parameters
        ----------
        table : DataFrame or Table
            In memory; a lazy one is to be collected first.
        reward : str
            Column of the rewards; true and false are 1 and 0.
        reward_is : {"log-odds", "probability", "percent", "elo", "ratio"}
            What they are given in. The law's are in log-odds, as the choice reads them: the logit
            of a probability or of a hundredth of a percentage, Elo × ln 10/400 (400 are odds of 10
            to 1), the logarithm of a ratio.
        scale : float
            γ, factor of every reward in log-odds.
        group, weight : str, optional
            Columns of labels, and of weights, whose shares are `probs`.
        prompt : str or sequence of str, optional
            Column of prompts; of several, the prompt is the tuple of their labels.
        prompt_weights : {"rows", "equal"}
            As of `RewardLaw`.
        scores : iterable of str
            Columns whose means are followed; a missing value is left out of the mean.

        Raises
        ------
        TypeError
            If it is no such table, or a column of numbers holds something else.
        ValueError
            If a column is not there, or a reward, weight or label is missing, with its column and
            position; if a reward has no log-odds, as a probability of 0 or 1 has none; and as of
            `RewardLaw`.

        Examples
        --------
        >>> import pandas
        >>> table = pandas.DataFrame({"question": ["a", "a", "b"], "correct": [True, False, True]})
        >>> law = RewardLaw.from_table(table, reward="correct", prompt="question")
        >>> law.rewards.tolist(), law.prompt_names
        ([1.0, 0.0, 1.0], ('a', 'b'))
        >>> arena = pandas.DataFrame({"elo": [1200, 1600]})
        >>> law = RewardLaw.from_table(arena, reward="elo", reward_is="elo")
        >>> law.relative_weights.round(3).tolist()  # odds of 10 to 1
        [0.1, 1.0]
        """
        from recurate.numerics.laws.from_table import law_arguments  # it needs another library

        arguments = law_arguments(table, reward, reward_is, scale, group, weight, prompt, scores)
        return cls(**arguments, prompt_weights=prompt_weights)

    @classmethod
    def from_density(
        cls, density: Any, support: Any = None, *, of: str = "reward", points: Iterable[float] = ()
    ) -> DensityLaw:
        """Return the law of rewards that have a density.

        Parameters
        ----------
        density : callable or scipy.stats distribution
            The density of the reward, or of the weight e^r: a function of an array of shape (n,)
            (or, slower, of one float), or a continuous distribution with its parameters.
        support : pair of float, optional
            The ends of the support; either may be infinite. A function needs it; a distribution
            has its own. The upper end is the best reward or weight, so the density must reach up
            to it.
        of : {"reward", "weight"}
            Whether it is the density of the reward or of the weight. The lower end of a weight may
            be 0, a reward of -inf.
        points : iterable of float, optional
            Where the density has narrow peaks or jumps, as for `scipy.integrate.quad`.

        Returns
        -------
        DensityLaw
            A law of quadrature nodes, on which loops run as on any other law. Means of smooth
            functions of the reward are right to about 1e-13.

        Raises
        ------
        TypeError, ValueError
            If an argument has the wrong kind; if the density is negative or not finite inside its
            support, or does not integrate to one within 1e-9, or if the support is empty.
        ArithmeticError
            If it needs too many nodes, for example if rewards spread over more than about 2,000.

        Notes
        -----
        ``docs/continuous_laws.md`` derives the nodes and their accuracy.

        Examples
        --------
        >>> law = RewardLaw.from_density(lambda w: 2 * (1 - w), support=(0, 1), of="weight")
        >>> law.max_reward, round(float(law.probs @ law.relative_weights), 12)
        (0.0, 0.333333333333)
        """
        from recurate.numerics.laws.density_law import from_density  # that module imports this one

        return from_density(density, support, of=of, points=points)

    @property
    def size(self) -> int:
        """Number of atoms n, as given (ties counted)."""
        return self.rewards.size

    @property
    def rows(self) -> int:
        """Number of rows that the law is of: its atoms, unless these stand for many."""
        return self.size if self.atom_rows is None else self.atom_rows.total

    @property
    def is_uniform(self) -> bool:
        """Whether every atom has the same probability, as when no probabilities were given."""
        return bool(self.probs.strides == (0,) or np.ptp(self.probs) == 0.0)

    @cached_property
    def max_reward(self) -> float:
        """Largest reward of positive probability, r_max."""
        if self.probs.strides == (0,):
            return float(self.rewards.max())
        return float(self.rewards[self.probs > 0].max())

    @property
    def unit_reward(self) -> float:
        """Reward whose relative weight is one: the largest."""
        return self.max_reward

    @property
    def level_rewards(self) -> FloatArray:
        """Rewards as a loop uses them, shape (n,): they may differ from `rewards` by a constant."""
        return self.rewards

    @property
    def level_unit(self) -> float:
        """The unit reward among `level_rewards`."""
        return self.max_reward

    @cached_property
    def relative_rewards(self) -> FloatArray:
        """Rewards minus `unit_reward`, or minus the best of their own prompt, shape (n,)."""
        if self.prompt_index is not None:
            return read_only(self.rewards - self.prompt_best[self.prompt_index])
        return read_only(self.level_rewards - self.level_unit)

    @cached_property
    def relative_weights(self) -> FloatArray:
        """Relative weights e^{r - r_max}, shape (n,); above 1 only at atoms without mass.

        If `unit_reward` is not r_max, it replaces r_max here.
        """
        with np.errstate(over="ignore"):
            weights: FloatArray = np.exp(self.relative_rewards)
        return read_only(weights)

    @cached_property
    def distinct(self) -> tuple[FloatArray, IntArray]:
        """The distinct rewards, ascending, and each atom's index among them, shape (n,)."""
        levels, index = np.unique(self.rewards, return_inverse=True)
        return read_only((levels, index))

    @cached_property
    def may_be_compressed(self) -> bool:
        """Whether a law of fewer rewards can replace it: every reward must have mass."""
        probs = self.probs[:1] if self.probs.strides == (0,) else self.probs
        return bool(probs.min() > 0) and self.prompt_index is None

    def __repr__(self) -> str:
        if can_be_pasted(self):
            return law_expression(self)
        parts = {"group": self.group_names, "prompt": self.prompt_names, "score": self.score_names}
        counted = "".join(f", {len(names)} {what}s" for what, names in parts.items() if names)
        return f"<RewardLaw of {self.size} atoms, max_reward {self.max_reward:g}{counted}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # Hypothesis would print how its strategy built the law
