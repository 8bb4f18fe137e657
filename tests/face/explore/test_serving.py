"""Work is done one at a time and given up where nobody waits; the command ends as others do."""

import asyncio
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest

from recurate.exploring import serving
from recurate.exploring.explorer import Explorer
from recurate.exploring.work import OneAtATime
from recurate.stopping import Stopped

from .conftest import served

starlette = pytest.importorskip("starlette.requests", reason="needs the extra explore")


class Waiting:
    """A request of somebody who waits until told otherwise."""

    def __init__(self):
        self.gone = asyncio.Event()

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}


def test_work_that_nobody_waits_for_is_given_up_and_the_next_begins():
    began, done = threading.Event(), []

    def endless(on_stage):
        while True:
            on_stage("retraining", 1)
            began.set()

    async def all_three():
        turns, first, second, third = OneAtATime(), Waiting(), Waiting(), Waiting()
        tasks = [asyncio.create_task(turns.do(first, endless))]
        await asyncio.to_thread(began.wait)
        tasks.append(asyncio.create_task(turns.do(second, lambda on_stage: done.append("second"))))
        tasks.append(asyncio.create_task(turns.do(third, lambda on_stage: "third")))
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in tasks)
        second.gone.set()  # before its turn
        await asyncio.sleep(0.05)
        first.gone.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    *gone, last = asyncio.run(all_three())
    assert last == "third"
    assert [type(error) for error in gone] == [starlette.ClientDisconnect] * 2
    assert done == []


def test_a_page_that_is_left_stops_the_work_of_the_server(explored, monkeypatch):
    page = explored("--bands", "0", "--steps", "1")
    began, ended = threading.Event(), threading.Event()

    def endless(self, state, *, soon=False, on_stage):
        try:
            while True:
                on_stage("retraining", 1)
                began.set()
        finally:
            ended.set()

    monkeypatch.setattr(Explorer, "found", endless)
    with served(page) as address, httpx.Client() as client:
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"{address}answer", timeout=httpx.Timeout(30, read=0.5))
        assert began.is_set()
        assert ended.wait(30)


def test_a_signal_that_comes_while_it_answers_ends_it_quietly(monkeypatch, capfd):
    async def app(scope, receive, send):
        raise Stopped

    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "disabled", False)
    server = serving.server_of(app)
    with serving.listening(0) as at:
        thread = threading.Thread(target=server.run, args=[[at]], daemon=True)
        thread.start()
        assert httpx.get(f"http://127.0.0.1:{at.getsockname()[1]}/", timeout=60).is_error
        thread.join(30)
    assert not thread.is_alive()
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
@pytest.mark.parametrize(("number", "busy"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_a_signal_ends_it_quietly(number, busy):
    words = ["explore", "--no-browser", "--bands", "0", "--steps", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "recurate", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        address = re.search(r"http://127\.0\.0\.1:\d+/\S+/", process.stdout.readline()).group()
        assert httpx.get(address, timeout=60).status_code == 200
        with socket.create_connection(("127.0.0.1", urlsplit(address).port)) as asking:
            if busy:  # for minutes
                path = f"{urlsplit(address).path}answer?steps=1000000"
                asking.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                time.sleep(1)
            process.send_signal(number)
            said = process.communicate()
    assert said == ("", "recurate: stopped\n")
    assert process.returncode == 128 + number
