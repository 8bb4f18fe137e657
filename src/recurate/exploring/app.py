"""The page's server, for this machine: the page, its answers, and files to keep."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recurate.errors import InputError
from recurate.exploring.controls import State, state_of
from recurate.exploring.explorer import Explorer, OnStage
from recurate.exploring.page import page_of, refused, told
from recurate.exploring.work import OneAtATime
from recurate.numerics.text import escaped
from recurate.pages.answer.answer import page
from recurate.pages.answer.of_commands import prediction_answer
from recurate.pages.page import asset
from recurate.printing.loops_as_json import parameters_of_prediction

HOSTS = ("127.0.0.1", "localhost")
"""Names by which the page is asked for; any other may have been made to lead here."""

FILES = {
    "trajectory.csv": "text/csv; charset=utf-8",
    "bands.csv": "text/csv; charset=utf-8",
    "trajectory.svg": "image/svg+xml",
    "prediction.html": "text/html; charset=utf-8",
}
"""What can be kept of a state, and its kind."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def app_of(explorer: Explorer, path: str) -> ASGIApp:
    """Return the server's application, which has all of its addresses below a path.

    Whoever does not know the path, as other users of the machine, gets nothing.
    """
    server = _Server(explorer)
    routes = [
        Route("/", server.page, methods=["GET"]),
        Route("/answer", server.answer, methods=["GET"]),
        Route("/explore.js", server.script, methods=["GET"]),
        *(Route(f"/{name}", partial(server.file, name), methods=["GET"]) for name in FILES),
    ]
    return Starlette(
        routes=[Mount(path, routes=routes)],
        middleware=[
            Middleware(_Guarded),
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
        ],
        exception_handlers={HTTPException: _refused, ClientDisconnect: _given_up},
    )


class _Guarded:
    """Refuses what other sites ask for, and says in every answer that it is for this page alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                message["headers"] += [
                    (name.lower().encode(), value.encode())
                    for name, value in _HEADERS.items()
                    if name.lower().encode() not in own
                ]
            await send(message)

        app, headers = self._app, dict(scope.get("headers", ()))
        is_foreign = headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site")
        # Whoever follows a link to the page, as in a terminal that is a page, sees it by himself.
        if is_foreign and headers.get(b"sec-fetch-dest") != b"document":
            app = PlainTextResponse("not for other sites", 403)
        await app(scope, receive, guarded)


async def _refused(request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 500
    text = "there is nothing here: the address is the one that recurate explore printed"
    return PlainTextResponse(text if code == 404 else str(error), code)


async def _given_up(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it


class _Server:
    """Answers requests."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer, self._turns = explorer, OneAtATime()

    def _state(self, request: Request) -> State:
        explorer = self._explorer
        return state_of(dict(request.query_params), explorer.names, explorer.start)

    async def page(self, request: Request) -> Response:
        """Return the page with the answer of its query in it: it says the same without a script."""
        state = self._state(request)
        found = await self._turns.do(request, partial(self._told, state, False))
        return HTMLResponse(page_of(self._explorer, state, found))

    async def answer(self, request: Request) -> Response:
        """Return the parts of the page that a state changes, as JSON."""
        state, soon = self._state(request), "soon" in request.query_params
        return JSONResponse(await self._turns.do(request, partial(self._told, state, soon)))

    async def script(self, request: Request) -> Response:
        """Return the script of the page."""
        return Response(str(asset("explore.js")), media_type="text/javascript; charset=utf-8")

    async def file(self, name: str, request: Request) -> Response:
        """Return a file of a state."""
        try:
            state = self._state(request)
            content = await self._turns.do(request, partial(self._written, name, state))
        except (InputError, OSError) as error:
            return PlainTextResponse(escaped(str(error)), 422)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=FILES[name], headers=headers)

    def _told(self, state: State, soon: bool, on_stage: OnStage) -> dict[str, Any]:
        explorer = self._explorer
        try:
            found = explorer.found(state, soon=soon, on_stage=on_stage)
        except (InputError, OSError, MemoryError) as error:
            return refused(explorer, state, str(error) or "not enough memory")
        return told(explorer, state, found)

    def _written(self, name: str, state: State, on_stage: OnStage) -> bytes:
        explorer = self._explorer
        prediction, _, remarks = explorer.found(state, on_stage=on_stage)
        if name == "prediction.html":
            parameters = parameters_of_prediction(prediction)
            parameters |= {"bands": explorer.replicates, "seed": explorer.seed}
            answer, command = prediction_answer(prediction), explorer.command(state)
            text = page(answer, command=command, parameters=parameters, remarks=remarks)
            return text.encode(errors="backslashreplace")
        if name == "bands.csv" and prediction.bands is None:
            raise InputError("there are no bands for this state")
        file = BytesIO()
        prediction.writers[name](file)
        return file.getvalue()
