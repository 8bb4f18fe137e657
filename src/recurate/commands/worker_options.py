"""Options of who computes, for all commands whose work falls into independent pieces."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from recurate.errors import InputError


def _of_the_work(help: str, metavar: str, **more: Any) -> Any:
    return typer.Option(
        help=help, metavar=metavar, show_default=False, rich_help_panel="Who computes", **more
    )


@dataclass(frozen=True)
class WorkerOptions:
    """Who computes the pieces: by default as many processes as there are cores."""

    jobs: Annotated[
        int | None,
        _of_the_work("Processes on this machine; by default one per core.", "N", min=1),
    ] = None
    workers: Annotated[
        int | None,
        _of_the_work("Start this many Dask workers on this machine instead.", "N", min=1),
    ] = None
    scheduler: Annotated[
        str | None,
        _of_the_work(
            "Compute on the Dask cluster that has its scheduler there, such as "
            "tcp://10.0.0.5:8786.",
            "ADDRESS",
        ),
    ] = None

    def _jobs(self) -> int:
        return self.jobs or os.cpu_count() or 1

    def prepare(self) -> None:
        """Check the options, to be called before NumPy is loaded.

        Each process has a core: threads of the linear algebra would share it, and round in another
        order.
        """
        given = {"--jobs": self.jobs, "--workers": self.workers, "--scheduler": self.scheduler}
        named = [option for option, value in given.items() if value is not None]
        if len(named) > 1:
            raise InputError(f"only one of {', '.join(given)} can be given; got {', '.join(named)}")
        if self._jobs() != 1 or named not in ([], ["--jobs"]):
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    @contextmanager
    def executor(self, *, forks: bool = True) -> Iterator[Executor | None]:
        """Yield what carries out calls, for `recurate.numerics.pieces`; None is this process.

        `forks` is as of `recurate.workers.executor`.
        """
        from recurate.workers import executor

        with executor(
            jobs=self._jobs(),
            workers=self.workers,
            scheduler=self.scheduler,
            forks=forks,
        ) as pool:
            yield pool


@dataclass(frozen=True)
class FewWorkerOptions(WorkerOptions):
    """Who computes the pieces: by default this process alone."""

    jobs: Annotated[
        int | None, _of_the_work("Processes on this machine; by default this one.", "N", min=1)
    ] = None

    def _jobs(self) -> int:
        return self.jobs or 1
