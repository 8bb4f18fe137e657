"""`recurate explore` as it is typed, but for the serving: its application is given to the tests."""

import asyncio
import html
import re
import shlex
from contextlib import contextmanager
from threading import Thread
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

httpx = pytest.importorskip("httpx")
pytest.importorskip("starlette", reason="needs the extra explore")
pytest.importorskip("uvicorn", reason="needs the extra explore")

from recurate.exploring import serving  # noqa: E402

from ..commands.in_process import recurate  # noqa: E402
from ..pages.inspected import parsed  # noqa: E402


class Explored:
    """The application of a command, asked as a browser asks it."""

    def __init__(self, app, path):
        self.app, self.path = app, path

    def request(self, method, path, **options):
        async def asked():
            transport = httpx.ASGITransport(app=self.app)
            address = "http://127.0.0.1:8000"
            async with httpx.AsyncClient(transport=transport, base_url=address) as client:
                return await client.request(method, path, **options)

        return asyncio.run(asked())

    def get(self, place="", headers=None, **fields):
        return self.request("GET", f"{self.path}/{place}", params=fields, headers=headers)

    def answer(self, **fields):
        """Return the answer of a state, as the page's script gets it."""
        found = self.get("answer", **fields)
        assert found.status_code == 200
        return found.json()


def command_of(answer):
    """Return the command that is on the page, without its first word."""
    (text,) = re.findall("<code>(.*?)</code>", answer["use"])
    first, *words = shlex.split(html.unescape(text))
    assert first == "recurate"
    return words


def table_of(fragment):
    """Return the columns of the table over t, by their titles."""
    page = f'<!DOCTYPE html>\n<html lang="en"><body>{fragment}</body></html>'
    table = next(parsed(page).iter("table"))
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    return {title: cells for title, *cells in zip(*rows, strict=True)}


@pytest.fixture
def explored(monkeypatch):
    """A function that starts the command, and returns its application."""

    def start(*arguments, **options):
        kept = SimpleNamespace()
        monkeypatch.setattr(serving, "serve", lambda app, at: setattr(kept, "app", app))
        done = recurate("explore", "--no-browser", *arguments, **options)
        assert done.exit_code == 0, done.stderr
        (address,) = re.findall(r"http://\S+/", done.stdout)
        return Explored(kept.app, urlsplit(address).path.rstrip("/"))

    return start


@contextmanager
def served(explored):
    """Serve an application to a browser; give the page's address."""
    server = serving.server_of(explored.app)
    with serving.listening(0) as at:
        thread = Thread(target=server.run, args=[[at]])
        thread.start()
        try:
            yield f"http://127.0.0.1:{at.getsockname()[1]}{explored.path}/"
        finally:
            server.should_exit = True
            thread.join()
