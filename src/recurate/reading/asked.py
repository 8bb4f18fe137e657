"""What a user asked of a table: which columns, which rows, and what a row stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recurate.numerics.laws.units import Unit


@dataclass(frozen=True)
class Asked:
    """What is wanted of a table.

    Attributes
    ----------
    reward : tuple of str
        Names of columns of rewards: of several, each is of one rater.
    group, weight : str or None
        Names of columns; None stands for the usual name, if the table has it.
    prompts : tuple of str
        Columns whose values together are the prompt; none: all rows are candidates of one kind.
    prompt_weights : {"rows", "equal"}
        Whether a prompt weighs as its rows do, or all weigh the same.
    follow : tuple of str
        Columns whose means are followed along the loop.
    by : tuple of str
        Columns that rules go by, beside the rewards; they are followed too.
    unit : {"log-odds", "probability", "percent", "elo", "ratio"} or None
        What the rewards are given in; None: log-odds, and if they do not look so, it is said.
    trials : str or None
        Number of trials that each rate is of, or the column of it; rates are then shrunk.
    scale : float
        γ, factor of every reward, after it was turned into log-odds.
    where : str or None
        SQL expression of the rows that are wanted.
    missing : {"error", "drop"}
        What becomes of rows without a reward, weight, group or prompt.
    sentinels : tuple of str
        Values that stand for a missing reward; such rows are left out and counted.
    candidate_columns : str or None
        Pattern (as of a shell) of the columns that hold one candidate each, of a wide table.
    rater : str or None
        Column of raters: rows of one candidate are its ratings.
    candidate : str or None
        Column that names a prompt's candidates, if they have several rows; else the groups do.
    lists : {"candidates", "raters"}
        What a list in a cell holds: candidates of its row's prompt, or ratings of one candidate.
    raters : {"mean", "voters"}
        Whether a candidate's reward is the mean of several ratings, or each rater is a voter, with
        a score of the law.
    shares : tuple of float
        Of the voters, in the order of their columns, or of their first ratings; none: all alike.
    are_odds : bool
        Whether the choice takes rewards for log-odds; if not, their unit and scale do not matter.
    """

    reward: tuple[str, ...] = ()
    group: str | None = None
    weight: str | None = None
    prompts: tuple[str, ...] = ()
    prompt_weights: Literal["rows", "equal"] = "rows"
    follow: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    unit: Unit | None = None
    trials: str | None = None
    scale: float = 1.0
    where: str | None = None
    missing: Literal["error", "drop"] = "error"
    sentinels: tuple[str, ...] = ()
    candidate_columns: str | None = None
    rater: str | None = None
    candidate: str | None = None
    lists: Literal["candidates", "raters"] = "candidates"
    raters: Literal["mean", "voters"] = "mean"
    shares: tuple[float, ...] = ()
    are_odds: bool = True
