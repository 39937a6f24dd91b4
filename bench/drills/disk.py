"""The disk is full: `python -m bench.drills disk`. A small one is mounted for it, which only root may do."""

import contextlib
import os
import random
import subprocess
import tempfile

from bench.drills.curator import Curator, damages, half_saves, history, published, words
from bench.drills.findings import Finding
from bench.drills.servers import Site

SIZE = 24  # MB of the disk
ROOM = 1_000_000  # bytes that are left for some saves
LONG = 30_000  # characters that a save adds, so that the disk is soon full
PROMISE = "On a full disk a save is answered with a page that says so, readers read on, nothing is half done."


@contextlib.contextmanager
def mounted(folder, *arguments):
    """Mount something at `folder`. Raises OSError where that is not allowed."""
    run = subprocess.run(["mount", *arguments, folder], capture_output=True, text=True, check=False)
    if run.returncode:
        raise OSError(run.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def drill(saves=200, broken=""):
    """Save until the disk is full, as often as `saves` at the most; then free some of it, and save again."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with mounted(folder, "-t", "tmpfs", "-o", f"size={SIZE}m", "drill"):
                return [fill(Site(folder, broken=broken), saves)]
        except OSError as error:
            return [Finding.left_out(PROMISE, f"no small disk can be mounted ({error})")]


def fill(site, most):
    problems, saved, dice = [], [], random.Random(1)
    password = site.prepare()
    with site.running():
        [(question, address)] = published(site, 1)
        pages = [address, "/"]
        for path in pages:
            site.get(path)
        curator = Curator(site, password)
        ballast = site.folder / "ballast"
        write_until_full(ballast)
        os.truncate(ballast, ballast.stat().st_size - ROOM)
        for number in range(1, most + 1):
            fields = curator.open(question) | words(number)
            fields["answer"][0] += "".join(dice.choices("abcdefghij ", k=LONG))
            status, page = curator.save(question, fields)
            if status != 302:
                break
            saved.append(number)
        refusal, retry = status, curator.headers["Retry-After"]
        if status not in (503, 507) or "disk" not in page or not retry:
            problems.append(f"the save is answered with {status}, Retry-After {retry}: {page[:200]}")
        readers = [site.get(path)[0] for path in pages + random_misses(dice)]
        if set(readers) != {200}:
            problems.append(f"readers are answered with {readers}")
        problems += damages(site)
        ballast.unlink()
        status, page = curator.save(question, curator.open(question) | words(number + 1))
        if status != 302:
            problems.append(f"a save after space is free is answered with {status}: {page[:200]}")
        found = [save for save, _who in history(site, question)]
        if found != [*saved, number + 1]:
            problems.append(f"answered were {saved} and {number + 1}, and history has {found}")
        problems += half_saves(site) + damages(site)
    return Finding(
        PROMISE,
        f"a disk of {SIZE} MB: {len(saved)} saves until it was full, then {refusal} with Retry-After; "
        f"{len(readers)} pages read meanwhile, in memory or not; the first save after space was free is "
        "kept, without a restart; integrity_check and checkhistory are clean",
        problems,
    )


def write_until_full(path):
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def random_misses(dice):
    return [f"/interview-questions/ai-engineer/?q={dice.randrange(10**9)}" for _each in range(5)]


def controls():
    return {"a site that has no page for a full disk": drill(broken="fails_plainly")}
