"""The site beside what could serve the same page faster or slower: `make bench`.

One worker of each contender runs on the first core, wrk on the second. Contenders take turns, in short
runs; what is kept of each figure is its median. Processor time is that of the worker, as the kernel
counts it, divided by the requests of the run. The page is that of a role with 40 questions.
"""

import argparse
import contextlib
import http.client
import json
import os
import platform
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import choices
from string import ascii_lowercase
from threading import Event, Thread

from interviewprep.management.commands.serve import MEMORY, THREADS
from interviewprep.pagecache import HITS_TO_RECOMPRESS

ROOT = Path(__file__).resolve().parent.parent
PATH = "/interview-questions/bench/"
CORES = sorted(os.sched_getaffinity(0))
TICK = os.sysconf("SC_CLK_TCK")
NGINX = """
load_module {module};
worker_processes 1; daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_requests 1000000000; etag on; brotli_static on;
  types {{ text/html html; }} charset utf-8;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; sendfile on; tcp_nopush on; }}
}}
"""
MODULES = ["/usr/lib/nginx/modules/ngx_http_brotli_static_module.so"]


@dataclass
class Contender:
    """A server, and what is asked of it; `results` holds one measurement a round."""

    name: str
    port: int
    command: list
    path: str = PATH
    environment: dict = field(default_factory=dict)
    headers: dict = field(default_factory=lambda: {"Accept-Encoding": "br"})
    connections: int = 16
    results: list = field(default_factory=list)

    def start(self):
        command = ["taskset", "-c", str(CORES[0]), *self.command]
        environment = os.environ | MEMORY | self.environment
        self.process = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)
        for _attempt in range(200):
            with contextlib.suppress(OSError):
                self.get()
                return
            time.sleep(0.05)
        raise SystemExit(f"{self.name} does not answer.")

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(10)

    def get(self, path=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", path or self.path, headers=self.headers | headers)
            response = connection.getresponse()
            return response, response.read()

    @property
    def workers(self):
        """Process ids of those that answer: the children, where there are any."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # A spawned worker has a sibling that only tracks resources.
        commands = {child: Path(f"/proc/{child}/cmdline").read_text() for child in children}
        return [int(child) for child, line in commands.items() if "resource_tracker" not in line] or [pid]

    def processor_time(self):
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.workers]
        return sum(int(values[11]) + int(values[12]) for values in fields) / TICK

    def megabytes(self):
        status = "".join(Path(f"/proc/{pid}/status").read_text() for pid in self.workers)
        return sum(int(kilobytes) for kilobytes in re.findall(r"VmRSS:\s+(\d+)", status)) / 1024

    def measure(self, seconds, script=None):
        before = self.processor_time()
        output = wrk(self, seconds, script)
        used = self.processor_time() - before
        requests = int(re.search(r"(\d+) requests in", output)[1])
        result = {
            "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
            "µs": used / max(requests, 1) * 1e6,
            "p99": milliseconds(re.search(r"^\s+99%\s+(\S+)", output, re.MULTILINE)[1]),
            "MB": self.megabytes(),
            "failed": int((re.search(r"Non-2xx or 3xx responses: (\d+)", output) or [0, 0])[1]),
        }
        self.results.append(result)
        return result

    def median(self, name):
        return statistics.median(result[name] for result in self.results)


def wrk(contender, seconds, script=None):
    command = ["taskset", "-c", str(CORES[-1]), "wrk", "--latency", "-t1", f"-c{contender.connections}"]
    headers = [part for name, value in contender.headers.items() for part in ("-H", f"{name}: {value}")]
    address = f"http://127.0.0.1:{contender.port}{contender.path}"
    more = ["-s", str(script)] if script else []
    return subprocess.run(
        [*command, f"-d{seconds}s", *headers, *more, address], capture_output=True, text=True, check=True
    ).stdout


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def granian(module, port):
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1", "--blocking-threads", str(THREADS)),
        *("--log-level", "error", f"{module}:application"),
    ]
    return {"command": command, "port": port}


def make_bank(whole):
    """The shipped bank, and a role with 40 of its questions: see `bench.bank`."""
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
    subprocess.run([*manage, "loadbank"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, "-m", "bench.bank", *["whole"] * whole], cwd=ROOT, check=True)


def contenders(folder, port):
    page = {"BENCH_PAGE": str(folder / "page.br")}
    site = granian("interviewprep.wsgi", port + 2)
    nginx = {"command": ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], "port": port}
    return [
        Contender("nginx, brotli_static", **nginx),
        Contender("nginx, 304", **nginx),
        Contender("bare WSGI constant", **granian("bench.constant", port + 1), environment=page),
        Contender("the site, cached", **site),
        Contender("the site, 304", **site),
        Contender(
            "Django's cache middleware",
            **granian("bench.uncached", port + 3),
            environment={"DJANGO_SETTINGS_MODULE": "bench.middleware_settings"},
            headers={"Accept-Encoding": "gzip"},
        ),
        Contender(
            "stock view",
            **granian("bench.uncached", port + 4),
            environment={"DJANGO_SETTINGS_MODULE": "bench.stock_settings"},
            connections=1,
        ),
        Contender("the site, cold page", **granian("bench.uncached", port + 5), connections=1),
        Contender(
            "the site, a miss and its compression",
            **granian("interviewprep.wsgi", port + 6),
            environment={"PAGE_CACHE_MB": "0"},
            connections=1,
        ),
    ]


def start(all_contenders, folder):
    """Start each server once, the site first: its page is what nginx and the constant serve."""
    by_port = {}
    order = sorted(all_contenders, key=lambda contender: not contender.name.startswith("the site, cached"))
    for contender in order:
        if contender.port in by_port:
            contender.process = by_port[contender.port].process
        else:
            contender.start()
            by_port[contender.port] = contender
        if contender.name == "the site, cached":
            keep_page(contender, folder)
        if contender.name.endswith("304"):
            response, _body = contender.get()
            contender.headers = contender.headers | {"If-None-Match": response.headers["ETag"]}
            assert contender.get()[0].status == 304
    return list(by_port.values())


def keep_page(site, folder):
    for _request in range(HITS_TO_RECOMPRESS + 1):
        site.get()
    time.sleep(2)  # until it is packed as small as can be
    response, body = site.get()
    assert response.headers["Content-Encoding"] == "br", response.status
    kept = [header for header in response.getheaders() if header[0] not in ("server", "date")]
    (folder / "page.br").write_bytes(body)
    (folder / "page.json").write_text(json.dumps(kept))
    index = folder / "www" / PATH.strip("/") / "index.html"
    index.parent.mkdir(parents=True)
    index.with_suffix(".html.br").write_bytes(body)
    index.write_bytes(site.get(**{"Accept-Encoding": "identity"})[1])


@contextlib.contextmanager
def misses(site, per_second=10):
    """Ask for pages that nobody has asked for, meanwhile."""
    stopped = Event()

    def ask():
        while not stopped.wait(1 / per_second):
            site.get(f"{PATH}?q={''.join(choices(ascii_lowercase, k=8))}")

    thread = Thread(target=ask)
    thread.start()
    yield
    stopped.set()
    thread.join()


def junk(site, folder, requests):
    """Memory in MB before and after so many junk parameters, and a hundredth as many junk values."""
    unknown, known = folder / "unknown.lua", folder / "known.lua"
    question = re.search(
        r'href="(/questions/[^/]+/)', site.get(**{"Accept-Encoding": "identity"})[1].decode()
    )
    lua = 'request = function() return wrk.format("GET", "%s" .. math.random(1000000000)) end\n'
    unknown.write_text(lua % f"{PATH}?difficulty=&utm_campaign=")
    known.write_text(lua % f"{question[1]}?role=junk")
    before = site.megabytes()
    for script, wanted in ((unknown, requests), (known, requests // 100)):
        while wanted > 0:
            result = site.measure(5, script)
            wanted -= result["rate"] * 5
            site.results.pop()
    return before, site.megabytes()


def table(all_contenders):
    lines = [
        "| contender | requests/s | µs of processor time | p99 ms | MB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for contender in all_contenders:
        rate, used, p99, megabytes = map(contender.median, ("rate", "µs", "p99", "MB"))
        lines.append(f"| {contender.name} | {rate:,.0f} | {used:,.1f} | {p99:,.2f} | {megabytes:.0f} |")
    return "\n".join(lines)


def ratios(by_name, beside_misses, memory, requests):
    """By requests per second, and by processor time, which other work on the machine troubles less.

    Each is the median of what the rounds give, for the machine drifts between them.
    """
    cached, nginx = by_name["the site, cached"], by_name["nginx, brotli_static"]
    cold, miss = by_name["the site, cold page"], by_name["the site, a miss and its compression"]
    stock = by_name["stock view"]

    def each(one, other, compare):
        return statistics.median(map(compare, one.results, other.results))

    def against(one, other):
        rate = each(one, other, lambda mine, its: mine["rate"] / its["rate"])
        used = each(one, other, lambda mine, its: its["µs"] / mine["µs"])
        return f"{rate:,.2f} | {used:,.2f}"

    slower = each(cached, nginx, lambda mine, its: mine["p99"] / its["p99"])
    part = each(cold, stock, lambda mine, its: mine["µs"] / its["µs"])
    more = each(miss, cold, lambda mine, its: mine["µs"] - its["µs"]) / 1000
    before, after = memory
    rows = [
        ("cached, against nginx", against(cached, nginx), "0.60"),
        ("cached, against a bare constant", against(cached, by_name["bare WSGI constant"]), "0.75"),
        ("cached, against Django's cache", against(cached, by_name["Django's cache middleware"]), "9"),
        ("cached, against a stock view", against(cached, stock), "300"),
        ("304, against nginx's", against(by_name["the site, 304"], by_name["nginx, 304"]), "0.55"),
        ("hits beside 10 misses a second, against hits alone", f"{beside_misses:.2f} |", "0.8"),
        ("99th percentile, against nginx's", f"{slower:.2f} |", "at most 2"),
        ("cold page, against a stock view", f"| {part:.2f}", "at most 0.65"),
        ("cold page, ms", f"| {cold.median('µs') / 1000:.1f}", "or at most 4"),
        ("a miss beside a cold page, ms", f"| {more:.1f}", "at most 1"),
        ("MB of a warm worker", f"{cached.median('MB'):.0f} |", "at most 65 beside the cache"),
        (f"MB more after {requests:,} junk parameters", f"{after - before:.1f} |", "at most 5% over the cap"),
    ]
    lines = ["| ratio | by requests/s | by processor time | goal |", "| --- | ---: | ---: | ---: |"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def stale(reads):
    """What `bench.stale` says, on each database."""
    os.sched_setaffinity(0, CORES)
    lines = []
    for database, prefix in (("SQLite", []), ("PostgreSQL", [".ci/with-postgres"])):
        command = [*prefix, sys.executable, "-m", "bench.stale", "--reads", str(reads)]
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        lines.append(f"- {database}: {(run.stdout or run.stderr).strip()}")
    head = "Reads while two writers save once a second and 4 processes serve (`python -m bench.stale`):"
    return "\n".join([head, "", *lines])


def machine():
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    versions = {
        "Python": sys.version.split()[0],
        **{name: version(name) for name in ("Django", "granian")},
        "nginx": subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr.split(
            "/"
        )[1],
        "SQLite": sqlite3.sqlite_version,
    }
    parts = [name + " " + number.strip() for name, number in versions.items()]
    processor = model[1] if model else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {', '.join(parts)}"


def missing():
    lacking = []
    if not shutil.which("wrk"):
        lacking.append("wrk is missing: apt-get install wrk")
    if not shutil.which("nginx"):
        lacking.append("nginx is missing: apt-get install nginx-light libnginx-mod-http-brotli-static")
    elif not any(Path(module).exists() for module in MODULES):
        lacking.append("nginx has no brotli_static: apt-get install libnginx-mod-http-brotli-static")
    if not shutil.which("taskset"):
        lacking.append("taskset is missing: apt-get install util-linux")
    return lacking


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=2, help="of each run")
    parser.add_argument("--junk", type=int, default=1_000_000, help="requests with junk parameters; 0: none")
    parser.add_argument("--stale", type=int, default=100_000, help="checked reads on each database; 0: none")
    parser.add_argument("--port", type=int, default=8230, help="the first of seven ports")
    parser.add_argument(
        "--whole", action="store_true", help="with whole questions: a page four times as long"
    )
    parser.add_argument("--keep", action="store_true", help="write the results to bench/RESULTS.md")
    options = parser.parse_args()
    if lacking := missing():
        raise SystemExit("\n".join(lacking))
    os.sched_setaffinity(0, {CORES[-1]})
    with tempfile.TemporaryDirectory() as name:
        results = run(Path(name), options)
    print(results)
    if options.keep:
        (ROOT / "bench" / "RESULTS.md").write_text(f"{results}\n")


def run(folder, options):
    os.environ |= {
        "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "interviewprep.settings",
        "LOG_LEVEL": "CRITICAL",
        "SECRET_KEY": "for the bench only: it signs nothing that anybody keeps",
        "SITE_URL": "http://127.0.0.1",
    }
    make_bank(options.whole)
    (folder / "nginx.conf").write_text(
        NGINX.format(folder=folder, port=options.port, module=next(m for m in MODULES if Path(m).exists()))
    )
    everyone = contenders(folder, options.port)
    by_name = {contender.name: contender for contender in everyone}
    servers = start(everyone, folder)
    try:
        for contender in everyone:
            contender.measure(1)
            contender.results.clear()
        for _round in range(options.rounds):
            for contender in everyone:
                contender.measure(options.seconds)
        site = by_name["the site, cached"]
        beside, kept = [], list(site.results)
        for _round in range(options.rounds):
            alone = site.measure(options.seconds)["rate"]
            with misses(site):
                beside.append(site.measure(options.seconds)["rate"] / alone)
        site.results = kept
        beside_misses = statistics.median(beside)
        memory = junk(site, folder, options.junk) if options.junk else (0, 0)
    finally:
        for server in servers:
            server.stop()
    size = (folder / "page.br").stat().st_size
    return "\n\n".join(
        [
            "# Results of the bench",
            f"`make bench`, {datetime.now(UTC):%-d %B %Y}: {options.rounds} rounds of {options.seconds} s, "
            f"a page of {size:,} bytes in Brotli, 16 connections (1 for what is rendered).\n{machine()}.",
            table(everyone),
            ratios(by_name, beside_misses, memory, options.junk),
            stale(options.stale) if options.stale else "",
            "What else is measured: [pages of larger banks](RESULTS-pages.md), [loads](RESULTS-load.md).",
        ]
    )


if __name__ == "__main__":
    main()
