"""A process that visits the pages of one site, and says what they took: see `Visitor`.

Pages are rendered by Django for each visit, one after another, over a connection that is kept; nothing
comes from the page cache.
"""

import contextlib
import gc
import json
import os
import re
import statistics
import subprocess
import sys
import time
import warnings
from functools import cached_property
from importlib import import_module
from itertools import cycle
from pathlib import Path

from bench.databases import ROOT
from bench.load import ENVIRONMENT, counted, load_files, warm_up
from interviewprep.management.commands.serve import MEMORY

TURN = 50, 2.0  # visits of one page in a turn, at the most; and seconds, after which it ends
FEWEST = 3  # visits in a turn, however long they take
SAVES = 60  # each way
DESK = "/admin/"


class Visitor:
    """The process, for the bank at the address `database`; `module` runs it."""

    def __init__(self, database, module="bench.visits"):
        environment = os.environ | MEMORY | ENVIRONMENT | {"DATABASE_URL": database, "LOG_LEVEL": "CRITICAL"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        command = [sys.executable, "-m", module]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)

    def ask(self, task, *arguments):
        """What the process finds by the method `task` of `Visits`."""
        print(json.dumps([task, *arguments]), file=self.process.stdin, flush=True)
        if answer := self.process.stdout.readline():
            return json.loads(answer)
        raise SystemExit(f"A measurement failed: {task} {' '.join(map(str, arguments))}")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.communicate()


class Visits:
    """What a visitor does when asked: each public method returns what can be written as JSON."""

    def __init__(self):
        self.turns = {}

    def migrate(self):
        """Bring a bank that was kept from an earlier run to the tables of now."""
        from django.core.management import call_command

        call_command("migrate", verbosity=0)

    def addresses(self):
        """See `bench.addresses`. Its memory is not that of visits: ask another process for it."""
        from bench.addresses import addresses

        return addresses()

    def look_at(self, page, addresses):
        """Visit each address of `page`: the most queries of one, and the median of the kB of public ones."""
        self.turns[page] = cycle(addresses)
        queries, sizes = [], []
        for address in addresses:
            with counted() as made:
                response = self._get(address)
            queries.append(len(made))
            sizes.append(len(form_of(response)) / 1000)
        is_public = not addresses[0].startswith(DESK)
        return {"queries": max(queries), "kB": statistics.median(sizes) if is_public else None}

    def visit(self, page):
        """The milliseconds of each visit of a turn."""
        most, seconds = TURN
        times, end = [], time.perf_counter() + seconds
        while len(times) < most and (len(times) < FEWEST or time.perf_counter() < end):
            times.append(milliseconds(self._get, next(self.turns[page])))
        return times

    def megabytes(self):
        """The memory of this process."""
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def save(self):
        """The milliseconds of saving a question: `[[with the index, without], …]`."""
        from questions.models import Question

        rows = list(Question.objects.published().order_by("pk")[: 2 * SAVES])
        pairs = zip(rows[:SAVES], rows[SAVES:], strict=False)
        return [[milliseconds(change, one), self._without_index(change, other)] for one, other in pairs]

    def load(self, folder, with_index):
        """The seconds of loading the files in `folder`."""
        warm_up()
        with contextlib.nullcontext() if with_index else no_index():
            return milliseconds(load_files, folder) / 1000

    def _without_index(self, act, *arguments):
        with no_index():
            return milliseconds(act, *arguments)

    def _get(self, address):
        response = (self._curator if address.startswith(DESK) else self._reader).get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code}: {address}")
        return response

    @cached_property
    def _reader(self):
        from django.test import Client

        return Client(SERVER_NAME="127.0.0.1")

    @cached_property
    def _curator(self):
        from django.contrib.auth import get_user_model
        from django.test import Client

        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(get_user_model().objects.create_superuser("bench"))
        return client


def form_of(response):
    """The body as the first reader gets it."""
    from interviewprep.pages import ENCODERS, FAST

    return ENCODERS["br"](response.content, FAST)


def milliseconds(act, *arguments):
    began = time.perf_counter()
    act(*arguments)
    return (time.perf_counter() - began) * 1000


def change(question):
    question.answer += "\n\nOne more sentence of the bench."
    question.save()


@contextlib.contextmanager
def no_index():
    """Leave the index of the search as it is, whatever is written inside."""
    from django.utils.module_loading import import_string

    from questions.changes import changes_applied

    index_changes = import_string("questions.search.index.index_changes")
    if not changes_applied.disconnect(index_changes):
        raise RuntimeError("The index is not kept up by index_changes().")
    try:
        yield
    finally:
        changes_applied.connect(index_changes)


def main(kind=Visits):
    """Do what each line of standard input asks for, and answer with a line."""
    import django

    django.setup()
    warnings.filterwarnings("ignore", message="No directory at")  # nothing is served from there
    import_module("interviewprep.urls")
    gc.collect()
    gc.freeze()  # as `interviewprep.wsgi` does
    visits = kind()
    for line in sys.stdin:
        task, *arguments = json.loads(line)
        print(json.dumps(getattr(visits, task)(*arguments)), flush=True)


if __name__ == "__main__":
    main()
