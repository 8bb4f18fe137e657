"""What a user asked of a table: which columns, which rows, and what a row stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Asked:
    """What is wanted of a table.

    Attributes
    ----------
    reward, group, weight : str or None
        Names of columns; None stands for the usual name, if the table has it.
    prompts : tuple of str
        Columns whose values together are the prompt; none: all rows are candidates of one kind.
    prompt_weights : {"rows", "equal"}
        Whether a prompt weighs as its rows do, or all weigh the same.
    follow : tuple of str
        Columns whose means are followed along the loop.
    scale : float
        γ, factor of every reward.
    where : str or None
        SQL expression of the rows that are wanted.
    missing : {"error", "drop"}
        What becomes of rows without a reward, weight, group or prompt.
    sentinels : tuple of str
        Values that stand for a missing reward; such rows are left out and counted.
    candidate_columns : str or None
        Pattern (as of a shell) of the columns that hold one candidate each, of a wide table.
    """

    reward: str | None = None
    group: str | None = None
    weight: str | None = None
    prompts: tuple[str, ...] = ()
    prompt_weights: Literal["rows", "equal"] = "rows"
    follow: tuple[str, ...] = ()
    scale: float = 1.0
    where: str | None = None
    missing: Literal["error", "drop"] = "error"
    sentinels: tuple[str, ...] = ()
    candidate_columns: str | None = None
