"""A summary of rewards: what a law needs of any number of rows, to be made in parts and joined."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, BinaryIO, Literal

from recurate.numerics.compression.content import Content, Names, all_joined
from recurate.numerics.compression.lattice import BINS
from recurate.numerics.compression.summary_files import read_npz, write_npz
from recurate.numerics.compression.summary_law import SummarisedLaw, law_of
from recurate.numerics.compression.summing import RowSums
from recurate.numerics.files import PathLike
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.validation import shown


class Summary:
    """What a law needs of the rewards of any number of rows; made by `Summary.of` and `merged`.

    The best and the worst rewards are kept as they are, all others as moments of narrow bins. Its
    size does not depend on the number of rows, nor does it depend on how these were split into
    parts, or on the order in which the parts were joined; its sums do, by rounding.

    Parameters
    ----------
    content : Content
        What it holds.

    Notes
    -----
    ``docs/parts.md`` derives the accuracy.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = np.split(np.linspace(0.0, 1.0, 100_000), 2)
    >>> whole = Summary.of(low).merged(Summary.of(high))
    >>> whole.rows, whole.law().max_reward
    (100000, 1.0)
    """

    def __init__(self, content: Content) -> None:
        self.content = content

    @property
    def rows(self) -> int:
        """Number of rows, those of weight 0 too."""
        return self.content.rows

    @property
    def names(self) -> Names:
        """The groups and prompts of rows with weight, None without any, and the scores."""
        return self.content.names

    @classmethod
    def of(
        cls,
        rewards: Any,
        weights: Any = None,
        groups: Iterable[Hashable] | Labels | None = None,
        *,
        prompts: Iterable[Hashable] | Labels | None = None,
        scores: Mapping[str, Any] | None = None,
        bins: int = BINS,
    ) -> Summary:
        """Return the summary of some rows.

        Parameters
        ----------
        rewards : array_like, shape (n,)
            Rewards r(x), real, larger is preferred. There may be none.
        weights : array_like, shape (n,), optional
            How much each row counts, at least 0; 1 by default. Rows of weight 0 add to `rows` and
            to nothing else.
        groups, prompts : iterable of length n, optional
            As of `RewardLaw`.
        scores : mapping from str to array_like, shape (n,), optional
            As of `RewardLaw`; NaN where a value is missing.
        bins : int
            Most bins, over the range of the rewards; for each of prompts and groups others, up to
            eight times as many. More of them need more memory and are more accurate.

        Raises
        ------
        TypeError, ValueError
            As of `RewardLaw`.
        """
        builder = SummaryBuilder(bins=bins)
        builder.add(rewards, weights, groups, prompts=prompts, scores=scores)
        return builder.summary()

    def merged(self, *others: Summary) -> Summary:
        """Return the summary of these rows and those of others, as if one had been made of all.

        Raises
        ------
        ValueError
            If only some have groups, or prompts; or if rewards span more than 1e12.
        """
        return Summary(all_joined([self.content, *(other.content for other in others)]))

    def law(self, *, prompt_weights: Literal["rows", "equal"] = "rows") -> SummarisedLaw:
        """Return a law on which loops have the same figures as on that of all rows.

        Parameters
        ----------
        prompt_weights : {"rows", "equal"}
            As of `RewardLaw`.

        Returns
        -------
        SummarisedLaw
            The law, whose atoms stand for the rows.

        Raises
        ------
        ValueError
            If there are no rows with weight, or a score has no value.
        """
        return law_of(self.content, prompt_weights)

    def to_npz(self, file: PathLike | BinaryIO) -> None:
        """Write the summary as a file of NumPy's, without pickles; `from_npz` reads it.

        Raises
        ------
        TypeError
            If the label of a group or prompt is neither text nor a number, nor a tuple of these.
        OSError
            If it cannot be written.
        """
        write_npz(self.content, file)

    @staticmethod
    def from_npz(file: PathLike | BinaryIO) -> Summary:
        """Return the summary that a file of `to_npz` holds.

        Raises
        ------
        ValueError
            If it holds no summary, one of another version, or one that is damaged.
        OSError
            If it cannot be read.
        """
        return Summary(read_npz(file))

    def __repr__(self) -> str:
        return (
            f"<Summary of {self.rows:,} rows, {self.content.kept.size:,} rewards as they are and "
            f"{self.content.binned.size:,} bins>"
        )


class SummaryBuilder:
    """A summary in the making, to which rows are added; their order does not matter.

    Parameters
    ----------
    bins : int
        As of `Summary.of`.

    Examples
    --------
    >>> builder = SummaryBuilder()
    >>> for part in ([0.0, 1.0], [1.0, 2.0, 3.0]):
    ...     builder.add(part)
    >>> builder.summary().rows
    5
    """

    def __init__(self, *, bins: int = BINS) -> None:
        self._sums = RowSums(bins)

    def add(
        self,
        rewards: Any,
        weights: Any = None,
        groups: Iterable[Hashable] | Labels | None = None,
        *,
        prompts: Iterable[Hashable] | Labels | None = None,
        scores: Mapping[str, Any] | None = None,
    ) -> None:
        """Add some rows, as `Summary.of` takes them; after an error nothing has been added.

        Raises
        ------
        TypeError, ValueError
            As of `Summary.of`; or if some rows have groups or prompts, and others none.
        """
        self._sums.add(rewards, weights, groups, prompts, scores)

    def add_part(self, part: Any) -> None:
        """Add a part as `law_of_parts` takes it.

        Raises
        ------
        TypeError, ValueError
            If it is none, or as of `add`.
        """
        if isinstance(part, Summary):
            self._sums.take(all_joined([self._sums.content(), part.content]))
        elif isinstance(part, RewardLaw):
            self._add_law(part)
        elif isinstance(part, Mapping):
            allowed = ("rewards", "weights", "groups", "prompts", "scores")
            if "rewards" not in part or not set(part) <= set(allowed):
                raise ValueError(
                    f"a mapping must have rewards, and may have {', '.join(allowed[1:])}; got "
                    f"{shown(sorted(map(str, part)))}"
                )
            self.add(**part)
        else:
            self.add(part)

    def summary(self) -> Summary:
        """Return the summary of the rows so far; more may be added."""
        return Summary(self._sums.content())

    def _add_law(self, law: RewardLaw) -> None:
        if law.is_continuous or isinstance(law, SummarisedLaw) or not law.is_uniform:
            raise ValueError(
                "a law must have finitely many rewards of equal probability, which are rows; got "
                f"{law!r}: give a mapping of its rewards and weights"
            )
        groups, prompts = (
            None if index is None else Labels(names, index)
            for names, index in (
                (law.group_names, law.group_index),
                (law.prompt_names, law.prompt_index),
            )
        )
        self.add(law.rewards, None, groups, prompts=prompts, scores=law.scores)


def law_of_parts(parts: Iterable[Any], *, bins: int = BINS) -> SummarisedLaw:
    """Return the law of rows that come in parts, of which one is in memory at a time.

    Parameters
    ----------
    parts : iterable
        Each is an array of rewards, a mapping of the arguments of `Summary.of` (``rewards``, and
        if there are any ``weights``, ``groups``, ``prompts`` and ``scores``), a `Summary`, or a
        `RewardLaw` whose atoms have equal probabilities, a row each.
    bins : int
        As of `Summary.of`.

    Returns
    -------
    SummarisedLaw
        A law on which loops have the same figures as on that of all rows.

    Raises
    ------
    TypeError, ValueError
        If a part is none of these, with its number; or as of `Summary.of`.

    Examples
    --------
    >>> import numpy as np
    >>> import recurate
    >>> rng = np.random.default_rng(0)
    >>> law = recurate.law_of_parts(rng.normal(size=100_000) for _ in range(3))
    >>> run = recurate.CurationLoop(law, K=4, lam=1.0).run(steps=10)
    >>> law.rows, run.error_estimate < 1e-10
    (300000, True)
    """
    builder = SummaryBuilder(bins=bins)
    for number, part in enumerate(parts):
        try:
            builder.add_part(part)
        except (TypeError, ValueError) as error:
            raise type(error)(f"part {number}: {error}") from error
    return builder.summary().law()
