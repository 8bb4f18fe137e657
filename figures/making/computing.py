"""Computing one table: here, or in another process, which may be on another machine."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from recurate.figures.making.recipe import Parameters, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.making.threads import one_thread
from recurate.numerics.pieces import ExecutorLostError, differing_versions

_PACKAGES = (
    "recurate", "numpy", "scipy", "matplotlib", "torch", "zuko", "torchdiffeq", "POT",
    "scikit-learn",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of the packages that figures are made with, of those that are here."""
    found = {}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


class Computed(NamedTuple):
    """What came of a computation.

    Attributes
    ----------
    made : Table or mapping
        What the function returned.
    read : set of str
        The tables that it asked for.
    said : tuple of str
        Lines for the user, where nobody could be told them at once.
    begun : str
        When it began, in UTC.
    seconds : float
        How long it took.
    machine : str
        What it ran on.
    """

    made: Table | Tables
    read: set[str]
    said: tuple[str, ...]
    begun: str
    seconds: float
    machine: str


@dataclass(frozen=True)
class Computation:
    """A table that is to be computed; it can be sent to another process.

    Attributes
    ----------
    function : callable
        The function of the recipe.
    parameters, device, data
        As of `Run`.
    checkpoints, shared : Path
        Likewise; where they are no folders, as on a machine that has no share in that of the
        figures, the computation has folders of its own, and begins anew if it is interrupted.
    has_one_thread : bool
        Whether linear algebra is kept to one thread.
    versions : dict
        Of the packages here, which whoever computes the table must have, too.
    """

    function: Callable[[Run], Table | Tables]
    parameters: Parameters
    device: str
    data: str
    checkpoints: Path
    shared: Path
    has_one_thread: bool
    versions: dict[str, str] = field(default_factory=versions)

    def __call__(
        self,
        tables: Tables,
        progress: Callable[[str, int, int], None] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> Computed:
        """Compute the table from those that come before it; without `say`, lines are kept."""
        if differing := differing_versions(versions(), self.versions):
            raise ExecutorLostError(f"a worker has {differing}")
        said: list[str] = []
        followed = _Followed(tables)
        begun, started = time.gmtime(), time.perf_counter()
        with ExitStack() as stack:
            checkpoints, shared = (
                folder if folder.is_dir() else Path(stack.enter_context(TemporaryDirectory()))
                for folder in (self.checkpoints, self.shared)
            )
            if self.has_one_thread:
                stack.enter_context(one_thread())
            run = Run(
                self.parameters, followed, self.device, checkpoints, shared,
                progress or (lambda what, done, total: None), self.data, say or said.append,
            )  # fmt: skip
            made = self.function(run)
        return Computed(
            made,
            followed.read,
            tuple(said),
            time.strftime("%Y-%m-%dT%H:%M:%SZ", begun),
            round(time.perf_counter() - started, 3),
            f"{platform.system()} {platform.machine()}",
        )


class _Followed(Mapping[str, Table]):
    """Tables by name, which remember the names that were asked for (all, once iterated over)."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = dict(tables)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Table:
        self.read.add(name)
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        self.read.update(self._tables)
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)
