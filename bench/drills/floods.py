"""Visitors who would take the site down, beside readers at a fixed rate: `python -m bench.drills floods`.

One worker on SQLite, no proxy in front. Readers request pages from memory on a schedule of 200 a second,
each counted from the moment at which it was due, so that a pause of the server counts in full.
"""

import contextlib
import json
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from threading import Event, Thread

from bench.drills.findings import Finding, percentile
from bench.drills.servers import ROOT, Site

RATE = 200  # requests a second
PAGE = "/interview-questions/ai-engineer/"
SECONDS = 6  # of each measurement
WARMING = 1  # seconds from the start of a flood to that of the measurement
PAUSE = 0.1  # seconds of a client between two requests: without, it takes the machine, not the site
GOAL = 25  # ms at the 99th percentile, or twice the calm one


def head(path, method="GET", **headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def connect(port, timeout=3):
    connection = socket.create_connection(("127.0.0.1", port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def answer(connection):
    """The status of one response, whose body is read to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("closed")
        data += part
    top, _, body = data.partition(b"\r\n\r\n")
    names = dict(line.lower().split(b": ", 1) for line in top.split(b"\r\n")[1:] if b": " in line)
    wanted = int(names.get(b"content-length", 0))
    while len(body) < wanted:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("cut off")
        body += part
    return int(top.split(b" ", 2)[1])


# Readers: a process of their own, so that the flood does not slow them down by itself.


def read(port, seconds, lanes=20):
    """The waits of readers, in ms, and how many failed: each lane has every `lanes`th request."""
    waits, failures = [], []
    request = head(PAGE, Accept_Encoding="br")
    begin = time.perf_counter() + 0.2

    def lane(first):
        connection = None
        for number in range(first, int(RATE * seconds), lanes):
            due = begin + number / RATE
            time.sleep(max(0, due - time.perf_counter()))
            try:
                connection = connection or connect(port)
                connection.sendall(request)
                if answer(connection) != 200:
                    failures.append(number)
            except OSError:
                failures.append(number)
                return  # this reader has given up
            finally:
                waits.append((time.perf_counter() - due) * 1000)

    threads = [Thread(target=lane, args=[number]) for number in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "median": statistics.median(waits),
        "p99": percentile(waits, 0.99),
        "failed": len(failures),
    }


# Floods: each runs until `stop` is set.


def keep(port, stop, number, first, then=lambda connection: None, every=1):
    """`number` connections that send `first` and go on with `then`; one that is closed is opened again."""
    connections = []
    while not stop.is_set():
        while len(connections) < number:
            with contextlib.suppress(OSError):
                connection = connect(port)
                connection.sendall(first)
                connection.setblocking(False)
                connections.append(connection)
            if stop.is_set():
                break
        for connection in connections[:]:
            try:
                then(connection)
                while connection.recv(65536):
                    pass
                raise ConnectionError
            except BlockingIOError:
                pass
            except OSError:
                connection.close()
                connections.remove(connection)
        stop.wait(every)
    for connection in connections:
        connection.close()


def repeat(port, stop, number, request):
    """`number` clients that send `request()` again and again, each on a new connection."""

    def client():
        while not stop.wait(PAUSE):
            with contextlib.suppress(OSError), connect(port) as connection:
                connection.sendall(request())
                answer(connection)

    threads = [Thread(target=client) for _number in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def drip(connection):
    connection.send(b"x")


def slow(path, method="POST", number=200):  # more than a worker has threads
    form = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={'a' * 32}"}
    first = head(path, method, Content_Length=100_000, **form)
    return lambda port, stop: keep(port, stop, number, first, drip)


def junk(port, stop):
    repeat(port, stop, 50, lambda: head(f"{PAGE}?q={random.randbytes(6).hex()}"))


def log_in():
    token = "a" * 32
    body = f"csrfmiddlewaretoken={token}&username=u{random.randrange(10**6)}&password=wrong".encode()
    form = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={token}"}
    return head("/admin/login/", "POST", Content_Length=len(body), **form) + body


def flood_of(path):
    return lambda port, stop: repeat(port, stop, 50, lambda: head(path))


FLOODS = {
    "200 slow bodies at the log-in": slow("/admin/login/"),
    "200 slow bodies at a page": slow(PAGE),
    "200 slow marks of learners": slow("/practice/marks/"),
    "200 bodies that never come": lambda port, stop: keep(
        port, stop, 200, head("/admin/login/", "POST", Content_Length=5)
    ),
    "1,500 idle connections": lambda port, stop: keep(port, stop, 1500, b""),
    "1,500 unfinished heads": lambda port, stop: keep(port, stop, 1500, head(PAGE)[:-2]),
    "50 pages that are not in memory, at once": junk,
    "50 addresses without a page, at once": flood_of("/questions/none/"),
    "50 missing files at once": flood_of("/static/none.css"),
    "50 log-in pages at once": flood_of("/admin/login/"),
    "50 probes at once": flood_of("/readyz"),
    "30 log-ins at once": lambda port, stop: repeat(port, stop, 30, log_in),
}


def measured(port, flood=None, seconds=SECONDS):
    """The readers' figures beside `flood`, which begins before them and ends after them."""
    stop = Event()
    thread = Thread(target=flood or (lambda port, stop: stop.wait()), args=[port, stop])
    thread.start()
    try:
        time.sleep(WARMING)
        command = [sys.executable, "-m", "bench.drills.floods", str(port), str(seconds)]
        run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    finally:
        stop.set()
        thread.join()
    return json.loads(run.stdout)


def drill(floods=FLOODS, seconds=SECONDS, goal=GOAL, broken=""):
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))  # for our own connections
    findings = []
    with tempfile.TemporaryDirectory() as folder:
        site = Site(folder, broken=broken)
        site.prepare()
        with site.running():
            site.get(PAGE, **{"Accept-Encoding": "br"})
            calm = measured(site.port, seconds=seconds)
            for name in floods:
                findings.append(finding(name, calm, measured(site.port, FLOODS[name], seconds), goal))
    return findings


def finding(name, calm, beside, goal):
    bound = max(2 * calm["p99"], goal)
    problems = []
    if beside["failed"]:
        problems.append(f"{beside['failed']} readers got no page")
    if beside["p99"] > bound:
        problems.append(f"the 99th percentile is {beside['p99']:.0f} ms, over {bound:.0f}")
    return Finding(
        f"{name} leave readers of pages from memory their pace.",
        f"99th percentile {beside['p99']:.1f} ms (calm {calm['p99']:.1f}), median {beside['median']:.1f} ms "
        f"({calm['median']:.1f}), at {RATE} requests a second",
        problems,
    )


def controls():
    return {
        "a server that waits for every body": drill(
            ["200 slow bodies at the log-in"], seconds=3, broken="waits_for_bodies"
        )
    }


if __name__ == "__main__":
    print(json.dumps(read(int(sys.argv[1]), float(sys.argv[2]))))
