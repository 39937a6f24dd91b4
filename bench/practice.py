"""What practice costs with many learners, on each database: `make bench-practice`.

The pages of practice are visited as `bench.pages` visits those of the bank, with few learners and with
many. Then, on SQLite, learners rate beside an editor who saves: see `bench.ratings`.

A database of 10,000 learners with 1,000 cards each takes some 5 GB, and long to make: `--banks` and
`--server` name where it stays for the next run. The ratings stay in it.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bench import learner_visits, pages, ratings
from bench.databases import DATABASES, ROOT, available
from bench.load import ENVIRONMENT
from bench.pages import Goal
from bench.visits import Visitor

RESULTS = ROOT / "bench" / "RESULTS-practice.md"
QUESTIONS, ROLES = 2000, 100
TWENTY = Goal("median 20 ms", lambda page: page.medians[-1] < 20)
# Not as many for everybody: one more where no later question is left to go on at.
ELEVEN = Goal("at most 11 queries", lambda page: max(page.queries) <= 11)
GOALS = [(("overview", "session", "fragment"), [TWENTY, ELEVEN])]
SLOWEST = 100  # milliseconds of the 99th percentile of ratings


def measure(database, options):
    """The pages, and what became of ratings by the number of processes."""
    names = [f"practice{number}x{options.cards}" for number in options.learners]
    for name, number in zip(names, options.learners, strict=True):
        database.make(name, partial(generate, number, options.cards))
    addresses = [database.address(name) for name in names]
    found = visits(addresses, options)
    if not options.seconds or not addresses[-1].startswith("sqlite"):
        return found, {}
    path = Path(addresses[-1].removeprefix("sqlite:///"))
    load = {"per_second": options.per_second, "seconds": options.seconds, "learners": options.raters}
    return found, {workers: ratings.measure(path, workers, **load) for workers in options.workers}


def generate(learners, cards, address):
    environment = os.environ | ENVIRONMENT | {"DATABASE_URL": address}
    for command in (["bench.generated", QUESTIONS, ROLES], ["bench.learners", learners, cards]):
        command = [sys.executable, "-m", *map(str, command)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)


def visits(addresses, options):
    visitors = [Visitor(address, "bench.learner_visits") for address in addresses]
    try:
        asked = [prepared(visitor) for visitor in visitors]
        names = [name for name in asked[0] if name.startswith(tuple(options.pages))]
        return pages.visited(visitors, names, asked, options.rounds)
    finally:
        for visitor in visitors:
            visitor.process.communicate()


def prepared(visitor):
    visitor.ask("migrate")
    return visitor.ask("addresses")


# The report


def report(found, options):
    sizes = [f"{number:,}" for number in options.learners]
    head = (
        f"`make bench-practice`, {datetime.now(UTC):%-d %B %Y}: {' and '.join(sizes)} learners with "
        f"{options.cards:,} cards each, in a bank of {QUESTIONS:,} questions and {ROLES} roles; "
        f"{options.rounds} rounds. {platform.machine()}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f} at the end: other work may have run beside it, and times drift; Python "
        f"{platform.python_version()}, Django {version('Django')}."
    )
    legend = (
        "Times of pages are in ms, of one visit after another in one process, each by one of "
        f"{learner_visits.LEARNERS} learners drawn at random: the median, and the 99th percentile. Queries "
        "are the most that one learner's page took; kB those of most learners, in Brotli. Goals are upper "
        "bounds."
    )
    parts = [part for name, each in found.items() for part in sections(name, each, sizes, options)]
    return "\n\n".join(["# What practice costs with many learners", head, legend, *parts])


def sections(name, found, sizes, options):
    visited, rated = found
    parts = [f"## {name}", pages.table(visited, sizes, GOALS)]
    if rated:
        parts += [
            f"### {options.per_second} ratings a second on {name}",
            ratings_table(rated),
            about(options),
        ]
    return parts


def ratings_table(rated):
    rows = {
        "ratings sent / accepted": lambda found: f"{found.sent:,} / {len(found.accepted):,}",
        "… sent again with their keys": lambda found: f"{found.resent:,}",
        "… answered otherwise (goal: 0)": lambda found: f"{len(found.refused):,}",
        "accepted ratings that are lost (goal: 0)": lambda found: f"{found.lost:,}",
        "ratings that count twice (goal: 0)": lambda found: f"{found.doubled:,}",
        "cards that are not what their reviews give (goal: 0)": lambda found: f"{found.wrong_cards:,}",
        "a rating, ms: median": lambda found: milliseconds(statistics.median(found.times)),
        f"… 99th percentile (goal: {SLOWEST})": lambda found: milliseconds(found.slowest("times")),
        "… the longest": lambda found: milliseconds(max(found.times)),
        "a reader's page, ms: median": lambda found: milliseconds(statistics.median(found.reads)),
        "… 99th percentile": lambda found: milliseconds(found.slowest("reads")),
        "processor time of the server, of a second": lambda found: f"{found.processor / found.seconds:.2f} s",
        "saves of the editor": lambda found: f"{len(found.saves):,}",
        "a save, ms: median": lambda found: milliseconds(statistics.median(found.saves)),
    }
    heads = [f"{workers} process{'es' if workers > 1 else ''}" for workers in rated]
    lines = [f"| | {' | '.join(heads)} |", f"| --- |{' ---: |' * len(rated)}"]
    lines += [f"| {label} | {' | '.join(map(cell, rated.values()))} |" for label, cell in rows.items()]
    return "\n".join(lines)


def milliseconds(number):
    return f"{number:,.1f}"


def about(options):
    return (
        f"{options.raters} learners rate for {options.seconds} s over connections that are kept, half of "
        "them where they read and half in sessions; a rating is sent when it is due, whatever became of "
        f"those before. One in {ratings.TWICE} is sent twice at once and then once more. The editor saves a "
        f"question every {ratings.EVERY:.0f} s, which makes every kept page stale; {ratings.READS} pages a "
        "second are read meanwhile. All of them share the machine with the server."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, nargs="+", default=[100, 10_000], help="of each database")
    parser.add_argument("--cards", type=int, default=1000, help="of each learner")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--pages", nargs="+", default=[""], help="only those whose names begin so")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--raters", type=int, default=300, help="learners who rate")
    parser.add_argument("--per-second", type=int, default=100, help="ratings")
    parser.add_argument("--seconds", type=int, default=60, help="of ratings; 0: none")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="processes of the server")
    parser.add_argument("--banks", type=Path, help="a folder where the databases of SQLite stay")
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
    for name in options.databases:
        if not available(name):
            print(f"{name} is left out: there is no server of it.", file=sys.stderr)
            continue
        with DATABASES[name](kept[name]) as database:
            found[database.name] = measure(database, options)
    return found


if __name__ == "__main__":
    main()
