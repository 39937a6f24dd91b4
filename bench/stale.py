"""Reads checked against what was committed before each of them: `python -m bench.stale`.

Writers change questions through all doors of the bank, and note each number that they have committed
where readers see it. A reader looks at the notes, asks a server of several processes for a page, and
counts the page as stale if it shows a lower number than was noted. The database is that of
DATABASE_URL, whose bank is changed; without one it is an SQLite file made for this.
"""

import argparse
import contextlib
import http.client
import mmap
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROLE = "/interview-questions/stale/"


class Notes:
    """The last number that each writer has committed, in memory that all processes share."""

    def __init__(self, path, writers):
        with path.open("r+b") as file:
            self.numbers = memoryview(mmap.mmap(file.fileno(), 8 * writers)).cast("Q")


def write(path, index, writers, every, seed):
    """Change the question of writer `index` again and again, until killed; without `every`, once, and die."""
    import django

    django.setup()
    from questions.models import Question
    from questions.recording import record

    notes = Notes(Path(path), writers)
    rows = Question.objects.filter(slug=f"stale-{index}")
    dice = random.Random(seed)

    def save(text):
        question = rows.get()
        question.text = text
        question.save(update_fields=["text"])

    def save_with_others(text):
        with record():
            save(text)
            # Not its text: what another writer has saved since would be lost.
            Question.objects.get(slug="stale-0").save(update_fields=["difficulty"])

    doors = [save, save_with_others, lambda text: rows.update(text=text)]
    number = notes.numbers[index]
    while True:
        number += 1
        dice.choice(doors)(f"Stale {index} is {number}?")
        if not every:
            os.kill(os.getpid(), signal.SIGKILL)
        notes.numbers[index] = number
        time.sleep(every * dice.uniform(0.5, 1.5))


def make_bank(writers):
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from questions.models import Category, Placement, Question, Role

    category = Category.objects.create(name="Stale")
    role = Role.objects.create(
        name="Stale", slug="stale", intro="None.", status="published", category=category
    )
    for index in range(writers):
        question = Question.objects.create(
            text=f"Stale {index} is 0?",
            slug=f"stale-{index}",
            answer="So it is.",
            difficulty="easy",
            status="published",
        )
        Placement.objects.create(role=role, question=question)


@contextlib.contextmanager
def running(*command, **environment):
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


class Reader:
    """Reads pages over a connection that changes now and then, and so does the process that answers."""

    def __init__(self, port, notes, seed):
        self.port, self.notes, self.dice = port, notes, random.Random(seed)
        self.connection = None
        self.reads = self.stale = self.changes = 0
        self.seen = {}

    def wait_for_server(self):
        for _attempt in range(300):
            with contextlib.suppress(OSError):
                return self.get("/healthz")
            self.connection = None
            time.sleep(0.1)
        raise SystemExit("The server does not answer.")

    def get(self, path):
        if self.connection is None or self.dice.random() < 0.02:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        return response.status, response.read().decode()

    def read(self):
        committed = list(self.notes.numbers)
        index = self.dice.randrange(len(committed))
        status, page = self.get(self.dice.choice([ROLE, f"/questions/stale-{index}/"]))
        shown = {int(which): int(number) for which, number in re.findall(r"Stale (\d+) is (\d+)", page)}
        self.reads += 1
        self.changes += shown.items() - self.seen.items() != set()
        self.seen |= shown
        late = any(number < committed[which] for which, number in shown.items())
        self.stale += late or status != 200 or not shown


def check(reads, workers, writers, every, dying, port, folder):
    """Read that often; return the reader with its counts."""
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/stale.sqlite3")
    site = f"http://127.0.0.1:{port}"
    os.environ |= {"DJANGO_SETTINGS_MODULE": "bench.plain_settings", "SITE_URL": site, "PORT": str(port)}
    os.environ |= {"SECRET_KEY": "of this check only", "DEBUG": "0", "WORKERS": str(workers)}
    make_bank(writers)
    path = folder / "notes"
    path.write_bytes(bytes(8 * writers))
    reader = Reader(port, Notes(path, writers), seed=1)
    with contextlib.ExitStack() as stack:
        stack.enter_context(running("manage.py", "serve"))
        reader.wait_for_server()
        for number in range(1, dying + 1):
            reader.read()
            with running(
                "-m", "bench.stale", "--write", str(path), "0", str(writers), "0", str(number)
            ) as writer:
                writer.wait(60)
            reader.notes.numbers[0] = number
            for _again in range(10 * workers):
                reader.read()
        for index in range(writers):
            arguments = [str(part) for part in (path, index, writers, every, index)]
            stack.enter_context(running("-m", "bench.stale", "--write", *arguments))
        while reader.reads < reads:
            reader.read()
    return reader


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reads", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=4, help="processes of the server")
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--every", type=float, default=1, help="seconds between the saves of a writer")
    parser.add_argument("--dying", type=int, default=3, help="writers killed right after a commit, at first")
    parser.add_argument("--port", type=int, default=8240)
    parser.add_argument("--write", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        path, index, writers, every, seed = options.write
        write(path, int(index), int(writers), float(every), int(seed))
    with tempfile.TemporaryDirectory() as folder:
        counts = options.reads, options.workers, options.writers, options.every, options.dying
        reader = check(*counts, options.port, Path(folder))
    print(f"{reader.reads:,} reads, {reader.changes:,} of them of new words, {reader.stale} stale")
    sys.exit(bool(reader.stale or not reader.changes))


if __name__ == "__main__":
    main()
