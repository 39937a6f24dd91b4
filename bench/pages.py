"""What pages cost as the bank grows, on each database: `make bench-pages`.

Each bank is visited by a process of its own, and the processes take turns, page by page, so that what
else the machine does troubles all banks alike. A ratio is the median of those of the rounds.

Generated banks take long to make: `--banks` and `--server` name where they stay for the next run.
"""

import argparse
import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from bench.databases import DATABASES, ROOT, available
from bench.drills.findings import percentile
from bench.load import ENVIRONMENT, run
from bench.visits import Visitor

RESULTS = ROOT / "bench" / "RESULTS-pages.md"
SIZES = [1000, 10_000, 100_000]  # questions
LOADED = 5000  # documents


# What is found


@dataclass
class Page:
    """What each bank's visitor has found of a page, the smallest bank first."""

    name: str
    queries: list
    sizes: list  # kB
    rounds: list = field(default_factory=list)  # of each: for each bank, the ms of its visits

    @property
    def medians(self):
        return [statistics.median(times) for times in self._by_bank]

    @property
    def slowest(self):
        """The 99th percentiles."""
        return [percentile(times, 0.99) for times in self._by_bank]

    @property
    def growth(self):
        """How many times as long a visit takes in the largest bank as in the smallest."""
        return statistics.median(
            statistics.median(banks[-1]) / statistics.median(banks[0]) for banks in self.rounds
        )

    @property
    def _by_bank(self):
        return [list(chain.from_iterable(times)) for times in zip(*self.rounds, strict=True)]


@dataclass
class Goal:
    words: str
    is_met: Callable

    def told(self, found):
        return self.words if self.is_met(found) else f"{self.words} (missed)"


GROWTH = Goal("1.2 times", lambda page: page.growth <= 1.2)
QUERIES = Goal("as many queries", lambda page: len(set(page.queries)) == 1)
SIZE = Goal("60 kB", lambda page: page.sizes[-1] < 60)
TEN = Goal("median 10 ms", lambda page: page.medians[-1] < 10)
FORTY = Goal("p99 40 ms", lambda page: page.slowest[-1] < 40)
THREE_HUNDRED = Goal("median 300 ms", lambda page: page.medians[-1] < 300)
GOALS = [  # by how the names of pages begin
    (("home", "role", "filter", "question", "topic", "sitemap part"), [GROWTH, QUERIES]),
    (("home",), [SIZE]),
    (("search", "suggestions"), [TEN]),
    (("search",), [FORTY]),
    (("desk", "admin"), [THREE_HUNDRED]),
]
MEMORY = Goal("30 MB", lambda megabytes: megabytes < 30)
SAVE = Goal("3 ms", lambda milliseconds: milliseconds <= 3)
LOAD = Goal("1.25", lambda ratio: ratio <= 1.25)


# Measuring


def measure(database, files, options):
    """The pages, and the rows of what else is measured, as lists of cells."""
    for number in options.questions:
        database.make(f"bench{number}", partial(generate, number, options.roles))
    banks = [database.copy(f"bench{number}") for number in options.questions]
    with contextlib.ExitStack() as stack:
        visitors = [stack.enter_context(Visitor(bank)) for bank in banks]
        addresses = [prepared(bank) for bank in banks]
        names = [name for name in addresses[0] if name.startswith(tuple(options.pages))]
        pages = visited(visitors, names, addresses, options.rounds)
        memory = [visitor.ask("megabytes") for visitor in visitors]
    return pages, [memory_row(memory), save_row(banks[-1]), load_row(database, files, options.rounds)]


def generate(questions, roles, address):
    command = [sys.executable, "-m", "bench.generated", str(questions), str(roles)]
    subprocess.run(command, cwd=ROOT, env=os.environ | ENVIRONMENT | {"DATABASE_URL": address}, check=True)


def prepared(bank):
    """The addresses to ask `bank` for."""
    with Visitor(bank) as visitor:
        visitor.ask("migrate")
        return visitor.ask("addresses")


def visited(visitors, names, addresses, rounds):
    pages = [looked_at(visitors, name, [each[name] for each in addresses]) for name in names]
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds}", file=sys.stderr)
        for page in pages:
            page.rounds.append([visitor.ask("visit", page.name) for visitor in visitors])
    return pages


def looked_at(visitors, name, addresses):
    found = [visitor.ask("look_at", name, each) for visitor, each in zip(visitors, addresses, strict=True)]
    return Page(name, *([facts[key] for facts in found] for key in ("queries", "kB")))


def memory_row(megabytes):
    more = megabytes[-1] - megabytes[0]
    each = " / ".join(f"{number:.0f}" for number in megabytes)
    return ["MB of a process after its visits, by bank", each, f"{more:.1f} MB more", MEMORY.told(more)]


def save_row(bank):
    with Visitor(bank) as visitor:
        saves = visitor.ask("save")
    indexed, plain = (statistics.median(times) for times in zip(*saves, strict=True))
    more, each = indexed - plain, f"{indexed:.1f} / {plain:.1f}"
    return ["a save, ms, with / without the index", each, f"{more:.1f} ms more", SAVE.told(more)]


def load_row(database, files, rounds):
    database.make("empty", lambda address: run("migrate", database=address))
    loads = [[load(database, files, with_index) for with_index in (True, False)] for _round in range(rounds)]
    ratio = statistics.median(indexed / plain for indexed, plain in loads)
    each = " / ".join(f"{statistics.median(times):.1f}" for times in zip(*loads, strict=True))
    what = f"a load of {LOADED:,}, s, with / without the index"
    return [what, each, f"{ratio:.2f} times", LOAD.told(ratio)]


def load(database, files, with_index):
    with Visitor(database.copy("empty")) as visitor:
        visitor.ask("migrate")
        return visitor.ask("load", str(files), with_index)


# The report


def report(found, options):
    sizes = [f"{number:,}" for number in options.questions]
    head = (
        f"`make bench-pages`, {datetime.now(UTC):%-d %B %Y}: banks of {', '.join(sizes)} questions in "
        f"{options.roles} roles, {options.rounds} rounds. {platform.machine()}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f} at the end: other work may have run beside it, and times drift; Python "
        f"{platform.python_version()}, Django {version('Django')}."
    )
    legend = (
        "Times are in ms, of one visit after another in one process, with pages not kept: the median, and "
        "the 99th percentile. Queries are the most that one address of the page took; kB those of the "
        "largest bank, in Brotli, as the first reader gets them. Goals are upper bounds. Where "
        "so many roles share few questions, each is in many of them, and pages that name those take longer."
    )
    parts = [
        part
        for name, (pages, rows) in found.items()
        for part in (f"## {name}", table(pages, sizes), others(rows))
    ]
    return "\n\n".join(["# What pages cost as the bank grows", head, legend, *parts])


def table(pages, sizes, goals=GOALS):
    columns = [column for size in sizes for column in (size, "p99")]
    columns += ["queries", "kB", f"{sizes[-1]} / {sizes[0]}"]
    head = f"| page | {' | '.join(columns)} | goals |\n| --- |{' ---: |' * len(columns)} --- |"
    return "\n".join([head, *(line(page, goals) for page in pages)])


def line(page, goals=GOALS):
    times = [f"{time:,.1f}" for both in zip(page.medians, page.slowest, strict=True) for time in both]
    queries = page.queries[:1] if len(set(page.queries)) == 1 else page.queries
    size = "" if page.sizes[-1] is None else f"{page.sizes[-1]:,.1f}"
    cells = [
        page.name,
        *times,
        ", ".join(map(str, queries)),
        size,
        f"{page.growth:.2f}",
        goals_of(page, goals),
    ]
    return f"| {' | '.join(cells)} |"


def goals_of(page, goals):
    own = chain.from_iterable(each for names, each in goals if page.name.startswith(names))
    return "; ".join(goal.told(page) for goal in own)


def others(rows):
    head = "| beside the pages | | difference | goal |\n| --- | ---: | ---: | ---: |"
    return "\n".join([head, *(f"| {' | '.join(cells)} |" for cells in rows)])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, nargs="+", default=SIZES, help="of each bank")
    parser.add_argument("--roles", type=int, default=500, help="of each bank")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--pages", nargs="+", default=[""], help="only those whose names begin so")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--banks", type=Path, help="a folder where the banks of SQLite stay")
    parser.add_argument("--server", help="the URL of a database of the server where those of PostgreSQL stay")
    parser.add_argument("--keep", action="store_true", help=f"write the results to bench/{RESULTS.name}")
    options = parser.parse_args()
    results = report(compare(options), options)
    print(results)
    if options.keep:
        RESULTS.write_text(f"{results}\n")


def compare(options):
    """What is found, by the name of the database."""
    found, kept = {}, {"sqlite": options.banks, "postgresql": options.server}
    with tempfile.TemporaryDirectory() as files:
        run("generate", files, LOADED)
        for name in options.databases:
            if not available(name):
                print(f"{name} is left out: there is no server of it.", file=sys.stderr)
                continue
            with DATABASES[name](kept[name]) as database:
                found[database.name] = measure(database, files, options)
    return found


if __name__ == "__main__":
    main()
