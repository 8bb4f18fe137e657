"""Making a figure: compute or keep its tables, draw the picture, record where all is from.

``NAME.json``, beside ``NAME-TABLE.csv`` and the pictures, is the figure's record: caption,
parameters, agreement, and for each table what it was computed from, when, in how many seconds and
with which versions. Tables contain no times, so that two runs write the same bytes.
"""

from __future__ import annotations

import errno
import math
import os
import platform
import shutil
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from recurate.figures.images.dataset import digest_of, kind_of
from recurate.figures.making import style
from recurate.figures.making.checkpoint_folders import (
    fresh_unless_same,
    make_folder,
    remove_if_empty,
)
from recurate.figures.making.computing import Computation, Computed, versions
from recurate.figures.making.fingerprint import code_of
from recurate.figures.making.reasons import digest, lost, python_version, reason
from recurate.figures.making.recipe import Parameters, Recipe, Scale, Tables
from recurate.figures.making.record import (
    FORMAT,
    SHOWN,
    Record,
    read_record,
    record_path,
    write_record,
)
from recurate.figures.making.table import Table, read_table
from recurate.numerics.locks import held
from recurate.numerics.pieces import results

CHECKPOINTS = "checkpoints"
"""Folder, beside the figures, for what long computations leave so that they can be resumed."""

SHARED = "shared"
"""Folder in the checkpoints' one for what several tables use, such as a trained classifier."""


class MissingFigureError(LookupError):
    """A figure needs the tables of another one, and they are missing."""


@dataclass(frozen=True)
class Watch:
    """Where progress is reported: as lines for the user, and as steps done out of all steps."""

    say: Callable[[str], None] = lambda line: None
    progress: Callable[[str, int, int], None] = lambda what, done, total: None


def make(
    recipe: Recipe,
    folder: Path,
    *,
    scale: Scale,
    device: str = "cpu",
    data: str = "digits",
    force: bool = False,
    watch: Watch | None = None,
    executor: Executor | None = None,
) -> Record:
    """Make a figure's tables, picture and record in a folder, and keep what is there and valid.

    Parameters
    ----------
    recipe : Recipe
        The figure.
    folder : Path
        An existing folder, for figures of this scale.
    scale : {"smoke", "default", "paper"}
        Which of its parameters to take.
    device : str
        Where models are trained, in PyTorch's words.
    data : str
        Source of the image data, for figures that use them: "digits" or "cifar10:PATH".
    force : bool
        Whether to compute and draw again what is there.
    watch : Watch, optional
        Where progress is reported.
    executor : concurrent.futures.Executor, optional
        What computes tables that can be computed side by side (`Recipe.apart`). Its processes must
        not be copies of this one, in which models may have been trained.

    Returns
    -------
    dict
        The figure's record, as ``NAME.json`` has it but for the checksum.

    Raises
    ------
    OSError
        If a file cannot be written, or another run makes figures in the folder (`InUseError`).
    MissingFigureError
        If the figure needs another one, which is missing.
    ValueError
        If the source of the image data is unknown, or its files are missing.
    ImportError
        If a package that the figure needs is missing.
    """
    kind = kind_of(data)
    # Files name the data by their digest, never by the user's folder.
    identity = digest_of(data) if recipe.uses_images else None
    parameters = recipe.parameters_for(scale, kind)
    with held(folder):
        return _Making(
            recipe,
            folder,
            scale,
            parameters,
            device,
            data,
            identity,
            force,
            watch or Watch(),
            executor,
        ).record()


def forget_shared(folder: Path) -> None:
    """Remove what the tables of a folder's figures share, so that it is made again."""
    shutil.rmtree(folder / CHECKPOINTS / SHARED, ignore_errors=True)


@dataclass(frozen=True)
class _Making:
    """A figure being made, with the arguments of `make`.

    The parameters are those for the scale and the data. `identity` identifies the data, and is
    None for a figure that uses no images. `under_way` yields what comes of tables that are computed
    side by side, in their order, once that has begun.
    """

    recipe: Recipe
    folder: Path
    scale: Scale
    parameters: Parameters
    device: str
    data: str
    identity: str | None
    force: bool
    watch: Watch
    executor: Executor | None
    under_way: list[Generator[Computed]] = field(default_factory=list)

    @property
    def _images(self) -> Record:
        """The identity of the image data, if there are any, under its name in the record."""
        return {} if self.identity is None else {"data": self.identity}

    @property
    def _used_device(self) -> str:
        return self.device if self.recipe.uses_device else "any"

    def record(self) -> Record:
        """Make the figure and return its record, which is written after each table."""
        try:
            return self._recorded()
        finally:
            for computations in self.under_way:
                computations.close()
            self._tidy()

    def _recorded(self) -> Record:
        recipe = self.recipe
        before: Record = {}
        path = record_path(self.folder, recipe.name)
        if path.is_dir():  # before the work begins
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not self.force:
            before = read_record(self.folder, recipe.name, self.watch.say) or {}
        known = before.get("tables", {})
        # Caption, agreement and picture belong to all tables together: they are left out until
        # all tables are made.
        unfinished = {name: before[name] for name in before if name not in SHOWN}
        record = unfinished | {
            "format": FORMAT,
            "figure": recipe.name,
            "title": recipe.title,
            "scale": self.scale,
            "parameters": _json_ready(self.parameters),
            "data": self.identity,
        }
        tables, needed = self._needed()
        entries: Record = {}
        for name in recipe.tables:
            entries[name] = self._entry(name, known, needed, entries, tables)
            # Pictures are drawn from what the files say.
            tables |= {
                part: read_table(self.folder / recipe.file_of(part))
                for part in entries[name]["rows"]
            }
            record["tables"] = known | entries
            write_record(self.folder, recipe.name, record)
        record["tables"] = entries
        record["caption"] = recipe.caption(tables, self.parameters)
        record["agreement"] = None
        if recipe.agreement is not None:
            agreement = recipe.agreement(tables, self.parameters)
            record["agreement"] = _json_ready(asdict(agreement)) | {"holds": agreement.holds}
        record["picture"] = self._picture(before.get("picture"), needed | entries, tables)
        write_record(self.folder, recipe.name, record)
        return record

    def _needed(self) -> tuple[dict[str, Table], Record]:
        """Return the tables of the figures that this one needs, and their entries."""
        tables: dict[str, Table] = {}
        entries: Record = {}
        for other in self.recipe.needs:
            made = read_record(self.folder, other.name, self.watch.say)
            if made is None or "picture" not in made:
                raise MissingFigureError(
                    f"{self.recipe.name} must be made after {other.name}, which is not there yet"
                )
            for name, entry in made["tables"].items():
                if why := lost(entry["files"], self.folder):
                    raise MissingFigureError(
                        f"{self.recipe.name} must be made after {other.name}, since {why}"
                    )
                entries[f"{other.name}-{name}"] = entry
                for part in entry["rows"]:
                    table = read_table(self.folder / other.file_of(part))
                    tables[f"{other.name}-{part}"] = table
        return tables, entries

    def _entry(
        self, name: str, known: Record, needed: Record, entries: Record, tables: Tables
    ) -> Record:
        """Return a table's entry in the record; compute the table first if it is out of date."""
        earlier = needed if name in self.recipe.apart else needed | entries
        inputs, why = self._inputs(name, known.get(name), earlier)
        if why is None:
            self.watch.say(f"{self.recipe.name}: {name} kept")
            kept: Record = known[name]
            return kept
        self.watch.say(f"{self.recipe.name}: {name} computed: {why}")
        computed = self._computed(name, known, needed, earlier, tables)
        for line in computed.said:
            self._say(line)
        inputs["tables"] = {
            one: h
            for one, h in _hashes(earlier).items()
            if computed.read & _parts(one, earlier[one])
        }
        parts = computed.made
        parts = (
            {name: parts}
            if isinstance(parts, Table)
            else {f"{name}_{part}": table for part, table in parts.items()}
        )
        for part, table in parts.items():
            table.write(self.folder / self.recipe.file_of(part), self._about(part))
        files = [self.recipe.file_of(part) for part in parts]
        return {
            "files": {file: digest(self.folder / file) for file in files},
            "rows": {part: table.size for part, table in parts.items()},
            "columns": {part: table.meanings for part, table in parts.items()},
            "inputs": inputs,
            "begun": computed.begun,
            "seconds": computed.seconds,
            "machine": f"{computed.machine}, device {self._used_device}",
            "versions": {"Python": platform.python_version(), **versions()},
        }

    def _inputs(
        self, name: str, known: Record | None, earlier: Record
    ) -> tuple[Record, str | None]:
        """Return what a table depends on, and why it is to be computed; None if it is not."""
        read = None if known is None else known["inputs"]["tables"]
        inputs = {
            "code": code_of(self.recipe.tables[name]),
            "parameters": _json_ready(self.parameters),
            "device": self._used_device,
            **self._images,
            "Python": python_version(),
            # It depends only on those of the earlier tables that it read.
            "tables": {
                one: h for one, h in _hashes(earlier).items() if read is None or one in read
            },
        }
        return inputs, "forced" if self.force else reason(known, inputs, self.folder)

    def _computed(
        self, name: str, known: Record, needed: Record, earlier: Record, tables: Tables
    ) -> Computed:
        """Compute a table, and with an executor begin with all that can be computed beside it."""
        self._progress(name, 0, 1)
        if self.executor is None or name not in self.recipe.apart:
            return self._computation(name, earlier)(tables, self._progress, self._say)
        if not self.under_way:
            names = [n for n in self.recipe.apart if self._inputs(n, known.get(n), needed)[1]]
            calls = {n: self._computation(n, needed) for n in names}
            self.under_way.append(results(calls, self.executor, tables))
        return next(self.under_way[0])

    def _computation(self, name: str, earlier: Record) -> Computation:
        inputs = self._inputs(name, None, earlier)[0]
        top = self.folder.absolute() / CHECKPOINTS  # as a worker may be in another folder
        folder = top / self.recipe.name / name
        checkpoints = fresh_unless_same(folder, inputs, self.force)
        shared = top / SHARED
        make_folder(shared)
        return Computation(
            self.recipe.tables[name], self.parameters, self.device, self.data, checkpoints, shared,
            self.recipe.uses_device,
        )  # fmt: skip

    def _tidy(self) -> None:
        """Remove folders for checkpoints that are empty."""
        top = self.folder / CHECKPOINTS
        for left in (top / SHARED, *(top / self.recipe.name).glob("*/*")):
            if left.is_dir():
                remove_if_empty(left, top)

    def _progress(self, what: str, done: int, total: int) -> None:
        self.watch.progress(f"{self.recipe.name}: {what}", done, total)

    def _say(self, line: str) -> None:
        self.watch.say(f"{self.recipe.name}: {line}")

    def _about(self, table: str) -> Record:
        """Return the head of a table's file; it has no times, which differ between two runs."""
        about = {"figure": self.recipe.name, "table": table, "scale": self.scale, **self._images}
        about |= _json_ready(self.parameters)
        return {"seed": "none, nothing is drawn at random"} | about

    def _picture(
        self, known: Record | None, entries: Record, tables: Mapping[str, Table]
    ) -> Record:
        """Return the picture's entry in the record; draw the picture first if it is out of date."""
        recipe = self.recipe
        inputs = {
            "code": code_of(style.save)
            | code_of(recipe.draw)
            | {f"figures/making/{style.STYLE_FILE.name}": digest(style.STYLE_FILE)},
            "parameters": _json_ready(self.parameters),
            "Matplotlib": version("matplotlib"),
            "Python": python_version(),
            "tables": _hashes(entries),
        }
        why = "forced" if self.force else reason(known, inputs, self.folder)
        if known is not None and why is None:
            self.watch.say(f"{recipe.name}: picture kept")
            return known
        self.watch.say(f"{recipe.name}: picture drawn: {why}")
        self.watch.progress(f"{recipe.name}: drawing", 0, 1)
        with style.styled():
            figure = recipe.draw(tables, self.parameters)
        paths = [self.folder / f"{recipe.name}.{ending}" for ending in style.FORMATS]
        for path in paths:
            style.save(figure, path)
        return {"files": {path.name: digest(path) for path in paths}, "inputs": inputs}


def _parts(name: str, entry: Record) -> set[str]:
    """Return the names by which an entry's tables are asked for, this figure's or another's."""
    prefix = name.removesuffix(name.rpartition("-")[2])
    return {prefix + part for part in entry["rows"]}


def _hashes(entries: Record) -> dict[str, str]:
    return {name: "".join(entry["files"].values()) for name, entry in entries.items()}


def _json_ready(value: Any) -> Any:
    """Return parameters as JSON has them: tuples as lists, infinity as "inf"."""
    if isinstance(value, Mapping):
        return {name: _json_ready(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_json_ready(entry) for entry in value]
    return "inf" if value == math.inf else value
