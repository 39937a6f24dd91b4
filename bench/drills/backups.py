"""Backups are made while others write, and each is restored: `python -m bench.drills backups`."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import monotonic

from bench.drills.curator import content_version, damages, half_saves, history, published
from bench.drills.database import contents
from bench.drills.findings import Finding
from bench.drills.servers import PostgreSQL, Site, wait_until
from bench.drills.writers import writing

WRITERS = 2
EVERY = 0.1  # seconds between two writes of each


def back_up(site, path):
    """What the command says where it fails, or an empty text; so do the other ways."""
    return failure_of(site.manage("backup", path))


def restore(site, path):
    return failure_of(site.manage("restore", path, "--no-input"))


def failure_of(run):
    return run.stderr or f"it ends with {run.returncode}" if run.returncode else ""


def copy_file(site, path):
    shutil.copy(site.path, path)
    return ""


def copy_back(site, path):
    shutil.copy(path, site.path)
    return ""


def drill(backups=50, on_postgresql=10, ways=(back_up, restore)):
    """Make so many on SQLite and on PostgreSQL; `ways` are the functions that make and that restore one."""
    findings = made_under_writes("SQLite", Site, backups, ways)
    if on_postgresql and PostgreSQL.is_available():
        with PostgreSQL().running() as server:
            findings += made_under_writes(
                "PostgreSQL",
                lambda folder: Site(folder, database=server.empty_database()),
                on_postgresql,
                ways,
            )[:1]
    return findings


def made_under_writes(database, empty_site, backups, ways):
    """What comes of backups of the bank in a `database`; `empty_site(folder)` has an empty one."""
    make, take_back = ways
    problems, took, checks = [], [], []
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        folder = Path(name)
        site = empty_site(folder)
        site.prepare()
        questions = [pk for pk, _address in published(site, WRITERS)]
        first_version = content_version(site)
        with writing(site, questions, EVERY):
            wait_until(lambda: all(newest(site, questions)), "each writer has written")
            for number in range(backups):
                path = folder / f"{number}.zip"
                committed = newest(site, questions)
                began = monotonic()
                failure = make(site, path)
                took.append(monotonic() - began)
                if failure:
                    problems.append(f"backup {number}: {failure[-300:]}")
                    continue
                bounds = committed, newest(site, questions)
                checks.append(
                    pool.submit(wrong_with, path, empty_site, take_back, questions, bounds, first_version)
                )
            problems += [f"backup {n}: {wrong}" for n, check in enumerate(checks) for wrong in check.result()]
            written = sum(newest(site, questions))
        return [
            Finding(
                f"A backup of {database} made under writes holds all that was saved before it began, and "
                "restores whole.",
                f"{backups} backups, each in {median(took):.1f} s, beside {written:,} writes by {WRITERS} "
                "processes: each restored into an empty database, checkhistory clean, and no save missing",
                problems,
            ),
            refusals(path, take_back),
        ]


def newest(site, questions):
    """The number of the last save of each of `questions`."""
    return [max([number for number, _who in history(site, question)], default=0) for question in questions]


def wrong_with(path, empty_site, take_back, questions, bounds, first_version):
    """What is wrong with the database that the backup at `path` restores; each save is in `bounds`."""
    with tempfile.TemporaryDirectory() as folder:
        site = empty_site(folder)
        if failure := take_back(site, path):
            return [f"it is not restored: {failure[-300:]}"]
        problems = half_saves(site) + damages(site)
        total = 0
        for question, least, most in zip(questions, *bounds, strict=True):
            saves = [number for number, _who in history(site, question)]
            total += len(saves)
            if saves != list(range(1, len(saves) + 1)) or not least <= len(saves) <= most:
                problems.append(f"it has {len(saves)} saves of {least} to {most}")
        if content_version(site) < first_version + total:  # a restore raises it, so that caches see it
            problems.append(f"it has {total} saves, and {content_version(site)=}")
        return problems


DAMAGES = {
    "forty bytes changed": lambda whole: whole.replace(middle := whole[len(whole) // 2 :][:40], middle[::-1]),
    "cut": lambda whole: whole[: len(whole) * 2 // 3],
    "empty": lambda whole: b"",
    "no backup": lambda whole: b"words" * 1000,
}


def refusals(path, take_back):
    """Whether a restore refuses the backup at `path`, damaged in each way, and touches nothing."""
    whole = path.read_bytes() if path.exists() else b""
    problems = [] if whole else ["there is no backup to damage"]
    for name, damage in DAMAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            site = Site(folder)
            site.prepare()
            before = contents(folder)
            damaged = Path(folder).with_suffix(".zip")
            damaged.write_bytes(damage(whole))
            failure = take_back(site, damaged)
            damaged.unlink()
            if failure.count("\n") != 1:
                problems.append(f"{name}: {failure[-300:] or 'it is restored'}")
            if contents(folder) != before:
                problems.append(f"{name}: the database was touched")
    return Finding(
        "A damaged backup is refused in one line, and the database is left as it is.",
        f"{len(DAMAGES)} restores ({', '.join(DAMAGES)}), each refused",
        problems,
    )


def controls():
    return {"backups that copy the file, and restores that do so unread": drill(2, 0, (copy_file, copy_back))}
