"""Learners who rate beside an editor who saves and readers who read, over HTTP: see `measure`.

A rating is sent when it is due, whatever became of those before it, so that a server that is slow for a
moment is seen to be slow by all who come meanwhile.
"""

import asyncio
import contextlib
import json
import os
import sqlite3
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode
from uuid import uuid4

from bench.drills.curator import Curator, published, words
from bench.drills.findings import percentile
from bench.drills.servers import Site, processes_of_session
from bench.load import ENVIRONMENT
from bench.visits import Visitor

PASSWORD = "Only-For-The-Bench-1"
EVERY = 2.0  # seconds between two saves of the editor
READS = 20  # pages a second, of all readers
PAGES = 20  # that are read
TWICE = 20  # one rating in so many is sent twice at once, and once more when it was answered
READY = 3  # seconds that a server has, to get warm


@dataclass
class Ratings:
    """What has become of them; times are in milliseconds."""

    sent: int = 0
    accepted: set = field(default_factory=set)  # keys
    resent: int = 0
    refused: list = field(default_factory=list)  # statuses
    times: list = field(default_factory=list)
    reads: list = field(default_factory=list)
    saves: list = field(default_factory=list)
    processor: float = 0  # seconds, of the server
    seconds: float = 0
    lost: int = 0
    doubled: int = 0
    wrong_cards: int = 0

    def slowest(self, name):
        """The 99th percentile."""
        return percentile(getattr(self, name), 0.99)


def measure(path, workers, *, per_second, seconds, learners):
    """Rate in the bank of the SQLite file `path`; its rows stay there."""
    with (
        Visitor(f"sqlite:///{path}", "bench.learner_visits") as visitor,
        tempfile.TemporaryDirectory() as folder,
    ):
        raters = visitor.ask("raters", learners)
        secret = {"SECRET_KEY": ENVIRONMENT["SECRET_KEY"], "WORKERS": str(workers), "LOG_LEVEL": "CRITICAL"}
        site = Site(folder, path=path, **secret, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
        # Without effect where an earlier run has made the account.
        site.manage("createsuperuser", "--noinput", "--username=curator", "--email=curator@example.org")
        pks = [pk for pk, *_rest in raters]
        before = visitor.ask("reviews", pks)
        with site.running():
            found = rate_in(site, raters, per_second, seconds)
        found.lost = lost(path, found.accepted)
        found.doubled = visitor.ask("reviews", pks) - before - len(found.accepted) + found.lost
        found.wrong_cards = visitor.ask("wrong_cards", pks)
    return found


def rate_in(site, raters, per_second, seconds):
    found, end, questions = Ratings(), Event(), published(site, PAGES)
    editor = Thread(target=save_on, args=[site, questions, found, end])
    editor.start()
    try:
        asyncio.run(rate(site, raters, questions, found, per_second, seconds))
    finally:
        end.set()
        editor.join()
    return found


def save_on(site, questions, found, end):
    """The editor: saves one question after the other until the `end`."""
    curator = Curator(site, PASSWORD, patience=10)
    number = 0
    while not end.wait(EVERY):
        pk, _address = questions[number % len(questions)]
        fields = curator.open(pk) | words(int(time.time()), number)
        began = time.perf_counter()
        status, page = curator.save(pk, fields)
        found.saves.append((time.perf_counter() - began) * 1000)
        if status != 302:
            raise RuntimeError(f"A save was answered {status}: {page[:300]}")
        number += 1


async def rate(site, raters, questions, found, per_second, seconds):
    browsers = [await opened(site.port, cookie) for _pk, cookie, _questions in raters]
    used, start = processor(site), asyncio.get_running_loop().time() + READY
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read_on(site.port, [address for _pk, address in questions], found, start, seconds))
        for number in range(per_second * seconds):
            await until(start + number / per_second)
            browser, known = browsers[number % len(raters)], raters[number % len(raters)][2]
            question = known[number // len(raters) % len(known)]
            tasks.create_task(give(browser, found, question, number))
    found.processor = processor(site) - used
    found.seconds = asyncio.get_running_loop().time() - start
    for browser in browsers:
        browser.close()


def processor(site):
    """The seconds of processor time that the server has used."""
    pids = [site.process.pid, *processes_of_session(site.process.pid)]
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


async def until(moment):
    await asyncio.sleep(moment - asyncio.get_running_loop().time())


async def give(browser, found, question, number):
    """Rate a question: where one reads it, or in a session, in turn."""
    slug, pk = question
    fields = {"question": slug, "rating": number % 3 + 1, "key": str(uuid4())}
    path = (
        f"/practice/session/?cards={pk}&started={int(time.time() * 1000)}"
        if number % 2
        else "/practice/marks/"
    )
    found.sent += 1
    is_twice = number % TWICE == 0
    attempts = [send(browser, path, fields, found)]
    if is_twice:
        attempts.append(send_from_twin(browser, path, fields, found))
    await asyncio.gather(*attempts)
    if is_twice:
        await send(browser, path, fields, found)
        found.resent += 2


async def send_from_twin(browser, path, fields, found):
    """The same from another connection of the same browser: a double click."""
    twin = Browser(browser.port, browser.cookies)
    twin.token = browser.token
    await send(twin, path, fields, found)
    twin.close()


async def send(browser, path, fields, found):
    began = time.perf_counter()
    status, _headers, _body = await browser.post(path, fields)
    found.times.append((time.perf_counter() - began) * 1000)
    if status in (200, 302):
        found.accepted.add(fields["key"])
    else:
        found.refused.append(status)


async def read_on(port, addresses, found, start, seconds):
    """Readers without a cookie, of pages that are kept until the next save."""
    reader = Browser(port, {})
    for number in range(READS * seconds):
        await until(start + number / READS)
        began = time.perf_counter()
        status, _headers, _body = await reader.send("GET", addresses[number % len(addresses)])
        found.reads.append((time.perf_counter() - began) * 1000)
        if status != 200:
            raise RuntimeError(f"A reader was answered {status}.")
    reader.close()


class Browser:
    """One connection, which is kept, with the cookies of a learner; one request at a time."""

    def __init__(self, port, cookies):
        self.port, self.cookies, self.token = port, cookies, ""
        self.writer, self.turn = None, asyncio.Lock()

    async def post(self, path, fields):
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self.token,
        }
        return await self.send("POST", path, urlencode(fields).encode(), headers)

    async def send(self, method, path, body=b"", headers=()):
        """The status, the headers and the body of the answer."""
        own = {"Host": f"127.0.0.1:{self.port}", "Content-Length": len(body)} | dict(headers)
        if self.cookies:
            own["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = "".join(f"{name}: {value}\r\n" for name, value in own.items())
        request = f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
        async with self.turn:
            try:
                return await self._sent(request)
            except (asyncio.IncompleteReadError, ConnectionError):  # closed, as nothing came for a while
                self.close()
                return await self._sent(request)

    async def _sent(self, request):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(request)
        return await self._answer()

    async def _answer(self):
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = [tuple(line.split(": ", 1)) for line in lines if line]
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        return int(first.split()[1]), headers, await self.reader.readexactly(length)

    def close(self):
        if self.writer:
            self.writer.close()
            self.writer = None


async def opened(port, cookie):
    """A browser of the learner with this cookie, with the token that forms need."""
    browser = Browser(port, {"practice": cookie, "learner": "1"})
    status, headers, body = await browser.send("GET", "/practice/token")
    if status != 200:
        raise RuntimeError(f"No token, but {status}: {body[:300]}")
    browser.token = json.loads(body)["token"]
    for name, value in headers:
        if name.lower() == "set-cookie":
            key, _sign, rest = value.partition("=")
            browser.cookies[key] = rest.partition(";")[0]
    return browser


def lost(path, accepted):
    """How many of the `accepted` keys are not in the file."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found = "SELECT 1 FROM practice_review WHERE key = ?"
        return sum(not connection.execute(found, [key.replace("-", "")]).fetchone() for key in accepted)
