"""PostgreSQL stops and comes back, again and again: `python -m bench.drills postgres`."""

import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

from bench.drills.curator import QUESTIONS, Curator, Form, damages, half_saves, history, published, words
from bench.drills.findings import Finding
from bench.drills.servers import CUT_OFF, PostgreSQL, Site

WORKERS = 2
CONNECTIONS = 9  # of each worker process, at most
BACK = 3  # seconds after PostgreSQL is back, within which all is well again
CALM = 1  # seconds that follow, and that come before the first stop
DOWN = 1.5  # seconds until a stopped server is started
ROLE = "/interview-questions/ai-engineer/"
CACHED = ["/", ROLE]
NO_HEADERS = {"Retry-After": None}
ASKS_TO_REACH_ALL_WORKERS = 40


@dataclass
class Seen:
    """What users were answered, and when."""

    answers: list[tuple] = field(default_factory=list)  # (moment, who asked, status, Retry-After)
    saved: list[int] = field(default_factory=list)  # numbers of the answered saves
    ups: list[float] = field(default_factory=list)  # the moments at which PostgreSQL was back
    ends: list[float] = field(default_factory=list)  # and those of the next stop
    connections: int = 0

    def note(self, who, status, headers):
        self.answers.append((time.monotonic(), who, status, headers["Retry-After"]))

    def of(self, who):
        return [answer for answer in self.answers if answer[1] == who]


def drill(stops=5, down=DOWN, back=BACK, connections=CONNECTIONS, control=False):
    """With `control`, the site keeps no pages and fails plainly, and PostgreSQL answers before it writes."""
    if not PostgreSQL.is_available():
        return [
            Finding.left_out("The site outlives a hard stop of PostgreSQL.", "PostgreSQL is not installed")
        ]
    options = {"synchronous_commit": "off", "wal_writer_delay": "10s"} if control else {}
    broken = {"broken": "fails_plainly", "PAGE_CACHE_MB": "0"} if control else {}
    with tempfile.TemporaryDirectory() as folder, PostgreSQL(**options).running() as server:
        site = Site(folder, database=server, WORKERS=str(WORKERS), **broken)
        password = site.prepare()
        with site.running():
            for path in CACHED * ASKS_TO_REACH_ALL_WORKERS:
                site.get(path)
            curator = Curator(site, password)
            [(question, _address)] = published(site, 1)
            seen = Seen()
            with users(site, curator, question, seen):
                time.sleep(CALM)
                for _stop in range(stops):
                    server.stop()
                    time.sleep(down)
                    server.start()
                    seen.ups.append(time.monotonic())
                    time.sleep(back + CALM)
                    seen.ends.append(time.monotonic())
            damaged = half_saves(site) + damages(site)
            lost = set(seen.saved) - {number for number, _who in history(site, question)}
    return [
        pages_in_memory(seen, stops),
        other_pages(seen, back),
        saves(seen, lost, damaged),
        connections_of(seen, connections * WORKERS),
    ]


@contextmanager
def users(site, curator, question, seen):
    """Readers and a curator who go on meanwhile, and one who counts connections."""
    ended, dice = Event(), random.Random(1)

    def read(who, address):
        while not ended.wait(0.02):
            try:
                status, headers, _page = site.get(address())
                seen.note(who, status, headers)
            except CUT_OFF as error:
                seen.note(who, type(error).__name__, NO_HEADERS)

    def save(number):
        status, page = curator.send("GET", f"{QUESTIONS}{question}/change/")
        if status == 200:
            fields = Form(page, "question_form").fields
            status, _page = curator.save(question, fields | words(number))
            if status == 302:
                seen.saved.append(number)
        seen.note("curator", status, curator.headers)

    def save_often():
        number = 0
        while not ended.wait(0.05):
            number += 1
            try:
                save(number)
            except CUT_OFF as error:
                seen.note("curator", type(error).__name__, NO_HEADERS)

    def count():
        import psycopg

        while not ended.wait(0.1):
            try:
                with site.database.connect() as connection:
                    while not ended.wait(0.02):
                        [[number]] = connection.execute(
                            "SELECT count(*) FROM pg_stat_activity "
                            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                        ).fetchall()
                        seen.connections = max(seen.connections, number)
            except psycopg.OperationalError:
                continue  # it is stopped

    with ThreadPoolExecutor() as pool:
        tasks = [pool.submit(read, "cached", lambda path=path: path) for path in CACHED]
        tasks += [pool.submit(read, "other", lambda: f"{ROLE}?q={dice.randrange(10**9)}") for _two in CACHED]
        tasks += [pool.submit(save_often), pool.submit(count)]
        try:
            yield
        finally:
            ended.set()
        for task in tasks:
            task.result()


def pages_in_memory(seen, stops):
    answers = seen.of("cached")
    failed = [status for _moment, _who, status, _retry in answers if status != 200]
    return Finding(
        "While PostgreSQL is away, pages in memory are served.",
        f"{stops} hard stops under readers: all {len(answers):,} requests for them answered with 200",
        [f"{len(failed)} of {len(answers)} are {sorted({str(status) for status in failed})}"]
        if failed
        else [],
    )


def other_pages(seen, back):
    answers = seen.of("other") + seen.of("curator")
    wrong = {
        f"{who}: {status}, Retry-After {retry}"
        for _moment, who, status, retry in answers
        if status not in (200, 302) and (status != 503 or not retry)
    }
    refused = [moment for moment, _who, status, _retry in answers if status not in (200, 302)]
    waits = []
    for up, end in zip(seen.ups, seen.ends, strict=True):
        waits.append(max([moment for moment in refused if up < moment < end], default=up) - up)
    if max(waits) > back:
        wrong.add(f"all is well again only {max(waits):.1f} s after PostgreSQL is back")
    if not refused:
        wrong.add("nothing was refused: nothing was tried")
    return Finding(
        f"What needs PostgreSQL meanwhile is answered with 503 and Retry-After, never 500, and is well again "
        f"within {back} s after it is back, without a restart.",
        f"{len(answers):,} requests, {len(refused):,} of them 503; the longest wait until all was well "
        f"again was {max(waits):.1f} s",
        sorted(wrong),
    )


def saves(seen, lost, damaged):
    return Finding(
        "A hard stop of PostgreSQL loses no answered save.",
        f"{len(seen.saved)} answered saves, none lost; checkhistory is clean",
        ([f"answered and lost: {sorted(lost)}"] if lost else []) + damaged,
    )


def connections_of(seen, limit):
    return Finding(
        f"A worker process has at most {CONNECTIONS} connections to PostgreSQL.",
        f"{seen.connections} at the most, of {WORKERS} workers, in pg_stat_activity",
        [f"{seen.connections} connections, and {limit} were to be the most"]
        if seen.connections > limit
        else [],
    )


def controls():
    return {
        "a site without pages in memory that fails plainly, on a PostgreSQL that answers before it writes": (
            drill(4, down=0.5, back=0.5, connections=1, control=True)
        )
    }
