"""Remarks on a table: a line each, for what a reader may not have meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.groups import Labels
from recurate.numerics.text import escaped, listed, shortened, shown
from recurate.numerics.validation import FloatArray
from recurate.reading.asked import Asked
from recurate.reading.columns import Names
from recurate.reading.names import RATERS, is_like, is_numbered, other_raters, words
from recurate.reading.scale_notices import no_rewards, of_another_unit, of_given_unit
from recurate.reading.table import RewardTable

if TYPE_CHECKING:
    import polars as pl

    from recurate.reading.choosing import Chosen
    from recurate.reading.formats.source import Source
    from recurate.reading.shapes import Rows

# Words in names of columns, by what such a column may hold; the likeliest first.
_PROMPTS = (
    *("prompt", "question", "query", "instruction", "problem", "puzzle", "task", "item"),
    *("case", "example", "conversation", "input", "doc", "caption", "uid", "key"),
)
_SURE = 5  # of them are hardly anything else
_TABLES = (
    *("label", "checkpoint", "ckpt", "step", "split", "phase", "run", "iteration", "epoch"),
    *("filter", "metric"),  # of one answer, scored in more than one way
)
_LOGS = ("loss", "lr", "learning", "grad", "kl", "margins", "logps")
_RUNS = ("run", "iteration", "epoch")  # may number the answers to one prompt
_MEASURES = ("length", "len", "token", "count", "score", "reward", "rating", "cost", "time", "word")

FEWEST = 10
"""Rows from which on a table's rewards are remarked upon."""
_SAMPLE = 1000


class Notices:
    """Says what was noticed of one table.

    Parameters
    ----------
    name : str
        Of the table, escaped.
    on_note : callable
        Called with each remark.
    """

    def __init__(self, name: str, on_note: Callable[[str], None]) -> None:
        self.name, self._on_note = name, on_note

    def say(self, text: str) -> None:
        """Say something of the table."""
        self._on_note(f"{self.name}: {text}")

    def left_out(
        self, asked: Asked, sentinels: int, missing: dict[str, int], rows: int, what: str = "row"
    ) -> None:
        """Say how many of so many rows were left out, and why; `missing` has them by column."""
        if sentinels:
            self.say(
                f"{_counted(sentinels, rows, what)} left out: their reward is "
                f"{listed(asked.sentinels)}, which stands for none"
            )
        for field, number in missing.items():
            self.say(
                f"{_counted(number, rows, 'row')} left out: column {shown(field)} has no value"
            )

    def absent(self, count: int, rows: int) -> None:
        """Say how many rows hold no candidate, beside prompts without an answer."""
        if count:
            self.say(f"{_counted(count, rows, 'candidate')} absent, and left out")

    def missing_score(self, field: str, missing: int, rows: int, what: str = "row") -> None:
        """Say how many of so many rows have no value in a column that is followed."""
        if missing:
            self.say(
                f"column {shown(field)} has no value in {missing:,} of {rows:,} {what}s; its mean "
                "is over the others"
            )

    def shape_of_prompts(self, *, are_rows: bool, has_lists: bool = False) -> None:
        """Say that rows are prompts, if they are taken for them, and lists answers."""
        if are_rows:
            raters = "; --lists raters if they are ratings of one candidate" if has_lists else ""
            self.say(
                "the candidates in one row answer one prompt, and no --prompt-column is named: "
                f"each row is a prompt{raters}"
            )
        elif has_lists:
            self.say(
                "the entries of a list are candidates of its row's prompt; --lists raters if they "
                "are ratings of one candidate"
            )

    def prompts(self, every: int, answered: Labels) -> None:
        """Say how many prompts have no answer, and how many one only."""
        number = len(answered.names)
        if number < every:
            have, are = ("has", "is") if every - number == 1 else ("have", "are")
            self.say(
                f"{every - number:,} of {every:,} prompts {have} no answer, and {are} left out"
            )
        alone = int((np.bincount(answered.numbers, minlength=1) == 1).sum())
        if alone:
            has = "has" if alone == 1 else "have"
            self.say(
                f"{alone:,} of {number:,} prompts {has} one answer only: nothing is chosen there"
            )

    def stripped(self, what: str, column: Names) -> None:
        """Say that outer blanks were taken off labels."""
        if column.stripped:
            found = listed(column.stripped, 3)
            self.say(f"blanks around {what} labels were taken off: {found}")

    def percent_signs(self, fields: Sequence[str]) -> None:
        """Say of which columns percent signs were left out."""
        if fields:
            columns = "column" if len(fields) == 1 else "columns"
            self.say(f"percent signs of {columns} {listed(fields)} were left out")

    def about_rewards(
        self, table: RewardTable, field: str, *, is_unit_given: bool, has_signs: bool
    ) -> bool:
        """Say what rewards may be instead, or that one may stand for none; one thing at most.

        Return whether they may well be rewards.

        Parameters
        ----------
        table : RewardTable
            As it was read.
        field : str
            Name of the column of rewards.
        is_unit_given : bool
            Whether the user said what unit they have.
        has_signs : bool
            Whether they were written with percent signs.
        """
        law, scale = table.law, table.asked.scale
        if len(law.group_names) == law.size >= FEWEST:
            self.say("each row has a group label of its own: shares of groups are those of rows")
        written = law.rewards if table.in_unit is None else law.scores[table.in_unit]
        if law.size >= FEWEST and self._about_a_lone_reward(written):
            return True
        if remark := no_rewards(field, written, scale):
            self.say(remark)
            return False
        remark = of_given_unit(field, written, table.asked.unit)
        if not is_unit_given and scale == 1 and table.asked.are_odds:
            remark = of_another_unit(field, table, has_signs=has_signs)
        if remark:
            self.say(remark)
        return True

    def _about_a_lone_reward(self, rewards: FloatArray) -> bool:
        # What most rows hold, is most of a sample too: of many rows, a sort takes long.
        rng = np.random.default_rng(0)
        few = rewards if rewards.size <= _SAMPLE else rng.choice(rewards, _SAMPLE)
        values, counts = np.unique(few, return_counts=True)
        value = float(values[np.argmax(counts)])
        if counts.max() < few.size / 3:
            return False
        is_value = rewards == value
        if is_value.sum() <= rewards.size / 2:
            return False
        rest = np.unique(rewards[~is_value])
        is_lone = rest.size >= 3 and (value < rest[0] or value > rest[-1] + np.ptp(rest))
        if is_lone:
            self.say(
                f"{is_value.sum():,} of {rewards.size:,} rewards are {value:g}; if that stands for "
                f"a missing one, --sentinel {value:g} leaves them out"
            )
        return bool(is_lone)

    def about_source(self, source: Source, where: str | None) -> None:
        """Say what its format remarks, and that the last row may be no sample, by its label."""
        for remark in dict.fromkeys(source.remarks):
            self.say(remark)
        if where is None and (label := source.footer):
            self.say(
                f"the last row, {shown(label)}, counts as a sample; --where "
                f"{_condition(source.fields[0], label, '<>')} leaves it out"
            )

    def refuse_log(self, frame: pl.DataFrame, fields: Sequence[str]) -> None:
        """Raise InputError if each row is a step of a training run; say so if it may be one."""
        import polars as pl

        for name in frame.columns:
            column = frame[name]
            if column.dtype == pl.String and column.null_count() == 0:
                column = column.cast(pl.Float64, strict=False)
            is_step = {"step", "steps", "epoch"} & set(words(name)) and column.dtype.is_numeric()
            if not is_step or len(column) < 3 or column.null_count():
                continue
            if not (column.diff()[1:] > 0).all():
                continue
            if losses := [field for field in fields if set(words(field)) & set(_LOGS)]:
                raise _is_log(self.name, f"columns {shown(name)}, {shown(losses[0])}")
            self.say(
                f"column {shown(name)} grows from row to row: if the table is a training run's "
                "log, its rows are no samples"
            )

    def about_columns(
        self, frame: pl.DataFrame, *, is_prompted: bool, prompt_rows: int = 0
    ) -> None:
        """Say which columns were not asked for, but may matter: `frame` has those of `telling`.

        Where the table's rows are the prompts, `prompt_rows` is their number.
        """
        rows = frame.height
        distinct = {name: frame[name].drop_nulls().n_unique() for name in frame.columns}
        for name in frame.columns:
            is_known = may_be_prompts(name) and _rank(name) < _SURE
            if is_known and 0 < distinct[name] <= 0.75 * prompt_rows:
                labels = "label" if distinct[name] == 1 else "labels"
                self.say(
                    f"column {shown(name)} has {distinct[name]:,} {labels} in {prompt_rows:,} "
                    f"rows; --prompt-column {_typed(name)} takes those of one label together"
                )
        for name in frame.columns:
            is_table = is_like(name, _TABLES) and not (is_prompted and is_like(name, _RUNS))
            if is_table and 2 <= distinct[name] <= rows / 2:
                found = frame[name].drop_nulls().unique(maintain_order=True).to_list()
                values = [int(v) if isinstance(v, float) and v.is_integer() else v for v in found]
                self.say(
                    f"column {shown(name)} has {len(values):,} values ({listed(values, 3)}), which "
                    f"are pooled; --where {_condition(name, values[0])} takes one of them"
                )
        if is_prompted or any(_may_be_raters(frame[name]) for name in frame.columns):
            return
        likely = [
            name
            for name in frame.columns
            if may_be_prompts(name) and 2 <= distinct[name] <= 0.75 * rows
        ]
        if likely:
            name = min(likely, key=lambda field: (_rank(field), -distinct[field]))
            levels = [f for f in likely if f != name and re.fullmatch(r"_*key(_\d+)?", f)]
            others = f", or {listed(levels)}" if levels and "key" in name else ""
            self.say(
                f"column {shown(name)} may be the prompts ({distinct[name]:,} in {rows:,} rows)"
                f"{others}, and all rows are chosen among as if they answered one; --prompt-column "
                f"{_typed(name)} chooses within each"
            )

    def about_raters(self, rows: Rows, uses: Chosen) -> None:
        """Say that rows, or columns, may be several ratings of one candidate, if that is likely."""
        fields, frame = rows.source.fields, rows.frame
        if siblings := other_raters(fields, uses.reward):
            self.say(
                f"column {shown(uses.reward)} may be one rater's, as {listed(siblings, 3)}; "
                "--reward-column for each of them takes their mean"
            )
        likely = [name for name in rows.others if may_be_prompts(name)]
        prompts = uses.prompts or sorted(likely, key=_rank)[:1]
        if not prompts:
            return
        for name in rows.others:
            if not _may_be_raters(frame[name]):
                continue
            distinct = frame[name].drop_nulls().n_unique()
            key = {*prompts, *([] if uses.group is None else [uses.group])}
            if 2 <= distinct <= frame.height / 2 and frame.select(key).is_duplicated().any():
                also = "" if uses.prompts else f" --prompt-column {_typed(prompts[0])}"
                also += "" if uses.group else ", with --group-column or --candidate-column,"
                self.say(
                    f"column {shown(name)} may be raters ({distinct:,} in {frame.height:,} rows), "
                    f"and each row is taken for a candidate; --rater-column {_typed(name)}{also} "
                    "takes rows of one candidate for its ratings"
                )


def _counted(count: int, every: int, what: str) -> str:
    return f"{count:,} of {every:,} {what}s {'is' if count == 1 else 'are'}"


def telling(fields: Sequence[str], used: Sequence[str]) -> list[str]:
    """Return the columns that were not asked for whose names make them worth a look."""
    counts = Counter(fields)
    return [
        field
        for field in fields
        if (may_be_prompts(field) or is_like(field, (*_TABLES, *RATERS)))
        and field not in used
        and counts[field] == 1
    ]


def refuse_training_log(fields: Sequence[str], name: str) -> None:
    """Raise InputError if the columns are those of a training run's log."""
    has_ends = any(f.endswith("__MIN") for f in fields) and any(f.endswith("__MAX") for f in fields)
    if has_ends or {"_step", "_timestamp"} <= set(fields):
        found = next(f for f in fields if f.endswith("__MIN") or f == "_step")
        raise _is_log(name, f"column {shown(found)}")


def _is_log(name: str, by: str) -> InputError:
    return InputError(
        f"{name} must be a table of samples, one row each; got a training run's log, one row a "
        f"step ({by}): give the rewards of the samples of one step"
    )


def _may_be_raters(column: pl.Series) -> bool:
    """Return whether a column may say who rated: worker_id may, but not rater_a or judge_score."""
    return tells_raters(column.name) and not column.dtype.is_float()


def tells_raters(field: str) -> bool:
    """Return whether a column has a name as columns of who rated have."""
    return is_like(field, RATERS) and not is_like(field, _MEASURES) and not is_numbered(field)


def may_be_prompts(field: str) -> bool:
    """Return whether a column has a name as columns of prompts have."""
    if words(field) == ["id"]:  # of whom, it does not say
        return True
    return is_like(field, _PROMPTS) and not is_like(field, (*_MEASURES, *_TABLES))


def _rank(field: str) -> int:
    ranks = [_PROMPTS.index(w.rstrip("s")) for w in words(field) if w.rstrip("s") in _PROMPTS]
    return min(ranks, default=len(_PROMPTS))


def _condition(field: str, value: object, sign: str = "=") -> str:
    """Return the expression that a column has a value, or another, as it is typed in a shell."""
    name = field if re.fullmatch(r"[A-Za-z_]\w*", field) else '"' + field.replace('"', '""') + '"'
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_number = isinstance(value, int | float)
    written = str(value) if is_number else "'" + str(value).replace("'", "''") + "'"
    return _typed(f"{name} {sign} {written}")


def _typed(text: str) -> str:
    """Return a text as it is typed in a shell: in double quotes, unless it is a plain word."""
    if re.fullmatch(r"[\w.-]+", text):
        return text
    return '"' + re.sub(r'(["\\$`])', r"\\\1", shortened(escaped(text), 60)) + '"'
