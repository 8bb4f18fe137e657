"""Work of requests, one at a time; what is no longer wanted is not begun, or is given up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from recurate.exploring.explorer import OnStage

Result = TypeVar("Result")


class OneAtATime:
    """Does what requests ask for in a thread, for one of them at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def do(self, request: Request, work: Callable[[OnStage], Result]) -> Result:
        """Return what a work returns.

        Parameters
        ----------
        request : Request
            Who wants it: a page that asks for something else gives up what it asked for before.
        work : callable
            It is given a function to call at every stage, which raises an error to end it.

        Raises
        ------
        ClientDisconnect
            If nobody wants it any more.
        """
        is_unwanted = threading.Event()

        def on_stage(stage: str, t: int | None) -> None:
            if is_unwanted.is_set():
                raise ClientDisconnect

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            is_unwanted.set()

        watching = asyncio.create_task(watch())
        try:
            async with self._turn:
                on_stage("", None)
                return await asyncio.to_thread(work, on_stage)
        finally:
            watching.cancel()
            is_unwanted.set()
