"""The database is missing, cut, foreign or read-only: `python -m bench.drills database`."""

import contextlib
import os
import sqlite3
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.drills.curator import damages, published
from bench.drills.disk import mounted
from bench.drills.findings import Finding
from bench.drills.servers import Site, prepared, wait_until

COMMANDS = ["prepare", "serve"]


def no_file(path, whole):
    """Lost: there is only a backup beside where it was."""
    backup = path.parent / "backups" / f"{path.stem}-20260101T000000Z.sqlite3"
    backup.parent.mkdir()
    backup.write_bytes(whole)


def foreign(path, whole):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE recipes (name)")
        database.commit()


DAMAGES = {
    "missing": no_file,
    "cut in half": lambda path, whole: path.write_bytes(whole[: len(whole) // 2]),
    "cut at a page": lambda path, whole: path.write_bytes(whole[: len(whole) // 8192 * 4096]),
    "cut to its header": lambda path, whole: path.write_bytes(whole[:100]),
    "overwritten": lambda path, whole: path.write_bytes(whole[:4096] + b"\x55" * (len(whole) - 4096)),
    "garbage": lambda path, whole: path.write_bytes(b"no database" * 1000),
    "another application's": foreign,
    "read-only": lambda path, whole: path.write_bytes(whole),
}


def drill(damaged=tuple(DAMAGES), commands=tuple(COMMANDS)):
    """Try each of `commands` on each of `damaged`; then move the database of a running site away."""
    return [at_start(damaged, commands), while_it_runs()]


def at_start(damaged, commands):
    cases = [(damage, command) for damage in damaged for command in commands]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(lambda case: refused(*case), cases))
    left_out = sorted({problem for problem, _tried in outcomes if problem and not _tried})
    return Finding(
        "A start on a database that is missing, cut, foreign or read-only is refused in one line, and "
        "nothing is touched.",
        f"{sum(tried for _problem, tried in outcomes)} starts ({', '.join(commands)}; {', '.join(damaged)}): "
        "each one line, and every byte as it was" + "".join(f"; left out: {reason}" for reason in left_out),
        [problem for problem, tried in outcomes if problem and tried],
    )


def refused(damage, command):
    """What is wrong with the refusal, and whether it could be tried."""
    whole = Path(prepared()[0]).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        site = Site(folder)
        DAMAGES[damage](site.path, whole)
        before = contents(folder)
        protection = read_only(folder) if damage == "read-only" else contextlib.nullcontext()
        try:
            with protection:
                run = site.manage(command)
        except OSError as error:
            return f"read-only ({error})", False
        case = f"{command} on a database that is {damage}"
        after = contents(folder)
        if changed := sorted(name for name in before | after if before.get(name) != after.get(name)):
            return f"{case}: it has touched {', '.join(changed)}", True
        if run.returncode == 0 or run.stderr.count("\n") != 1 or "Traceback" in run.stderr:
            return f"{case}: {run.returncode}, {run.stderr.strip()[-300:]}", True
        return "", True


def contents(folder):
    """The bytes of each file in `folder`, by name."""
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@contextlib.contextmanager
def read_only(folder):
    """Let nobody write to `folder`: by its rights, and for root, who has all rights, by a mount."""
    if os.getuid() == 0:
        with mounted(folder, "--bind", folder):
            subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
            yield
        return
    files = [folder, *Path(folder).rglob("*")]
    for path in files:
        Path(path).chmod(0o500)
    try:
        yield
    finally:
        for path in files:
            Path(path).chmod(0o700)


def while_it_runs(broken=""):
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        site = Site(folder, broken=broken)
        site.prepare()
        [(_question, address)] = published(site, 1)
        pages = [address, "/"]

        def readiness():
            return site.get("/readyz")[0]

        def statuses(number):
            """Of so many pages in memory, and of as many that are not."""
            misses = [f"/interview-questions/ai-engineer/?q=w{number}{page}" for page in range(number)]
            return [{site.get(path)[0] for path in paths} for paths in (pages * (number // 2), misses)]

        with site.running():
            statuses(2)
            moved = site.path.rename(f"{folder}/moved.sqlite3")
            with noted(problems, "/readyz is 503"):
                wait_until(lambda: readiness() == 503, "within a second or two")
            away = statuses(10)
            if away != [{200}, {503}]:
                problems.append(f"without its database: pages in memory {away[0]}, others {away[1]}")
            if site.path.exists():
                problems.append("a new file has appeared")
            moved.rename(site.path)
            with noted(problems, "/readyz is 200 again"):
                wait_until(lambda: readiness() == 200, "within a second or two")
            back = statuses(12)
            if back != [{200}, {200}]:
                problems.append(f"with its database again: pages in memory {back[0]}, others {back[1]}")
        problems += damages(site)
    return Finding(
        "Where the database is moved away from a running site, /readyz says so, pages in memory are served, "
        "and no new file appears.",
        "/readyz 503, pages in memory 200, others 503, no new file; all well again without a restart once "
        "it is moved back",
        problems,
    )


@contextlib.contextmanager
def noted(problems, what):
    try:
        yield
    except TimeoutError as error:
        problems.append(f"{what}: {error}")


def controls():
    return {
        "Django's own migrate, and a site whose connections may make a file": [
            at_start(["missing", "another application's"], ["migrate"]),
            while_it_runs(broken="makes_a_file"),
        ]
    }
