"""Serving the page to a browser on this machine, until the command is stopped."""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import socket
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from recurate.errors import InputError
from recurate.stopping import Stopped

HOST = "127.0.0.1"
"""The only address that is listened to: nobody else's machine gets there."""


def secret_path() -> str:
    """Return a path that nobody guesses."""
    return f"/{secrets.token_urlsafe(12)}"


def listening(port: int) -> socket.socket:
    """Return a socket that listens; port 0 stands for a free one.

    Raises
    ------
    InputError
        If the port is taken, or not to be had.
    """
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        why = {errno.EADDRINUSE: "is taken", errno.EACCES: "needs the rights of an administrator"}
        if error.errno not in why:
            raise
        raise InputError(
            f"--port {port} {why[error.errno]}: name another, or leave --port out for a free one"
        ) from error


def opened(address: str) -> None:
    """Open an address in the browser, which may run for as long as it likes."""
    threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()


def serve(app: ASGIApp, at: socket.socket) -> None:
    """Serve an application until a signal stops the process."""
    with asyncio.Runner() as runner:
        try:
            runner.run(server_of(app).serve(sockets=[at]))
        except BaseException:  # a signal
            _say_no_more()
            raise


def server_of(app: ASGIApp) -> uvicorn.Server:
    """Return a server of an application, which says nothing but what went wrong."""

    async def stoppable(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Stopped:  # which uvicorn would report, and go on
            server.stop()

    server = _Server(
        uvicorn.Config(
            stoppable,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            ws="none",
        )
    )
    return server


class _Server(uvicorn.Server):
    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal comes, wherever it meets the event loop."""
        asyncio.get_running_loop().set_exception_handler(self._heed)
        await super().serve(sockets)

    def _heed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(context.get("exception"), Stopped):  # which the loop would only report
            self.stop()
        else:
            loop.default_exception_handler(context)

    def stop(self) -> None:
        """End it at once."""
        _say_no_more()
        self.should_exit = self.force_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `recurate.stopping`, which ends every command in one way."""
        yield


def _say_no_more() -> None:
    """Report nothing: answers that are given up because of a signal are no failures."""
    logging.getLogger("uvicorn.error").disabled = True
