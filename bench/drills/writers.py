"""Eight processes write beside a load of a bank: `python -m bench.drills writers`."""

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

from bench.drills.curator import damages, half_saves, history, published, words
from bench.drills.findings import Finding, percentile
from bench.drills.servers import ROOT, Site

RATE = 100  # writes a second of all writers together
DOCUMENTS = 2_000


def drill(writers=8, documents=DOCUMENTS, seconds=10, broken=""):
    """The writers go on for `seconds`, and as long as the load takes; without `documents` there is none."""
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        site = Site(folder, broken=broken)
        site.prepare()
        bank = generated(site, documents) if documents else None
        questions = [pk for pk, _address in published(site, writers)]
        with writing(site, questions, writers / RATE) as found:
            began = time.monotonic()
            if bank and (load := site.manage("loadbank", bank)).returncode:
                problems.append(f"the load failed: {load.stderr.strip()[-300:]}")
            load_took = time.monotonic() - began
            time.sleep(max(0, seconds - load_took))
            took = time.monotonic() - began
        for pk, each in zip(questions, found, strict=True):
            problems += [f"refused: {error}" for error in each["refused"]]
            saves = [number for number, _who in history(site, pk)]
            if saves != each["written"]:
                lost = set(each["written"]) - set(saves)
                problems.append(f"question {pk}: {len(lost)} writes lost, {len(saves)} in history")
        problems += half_saves(site) + damages(site)
    waits = [wait for each in found for wait in each["waits"]]
    return [
        Finding(
            "Writers beside a load of a bank wait for one another; no write is lost or refused.",
            f"{len(waits):,} writes by {writers} processes, {len(waits) / took:.0f} a second of {RATE}, "
            f"beside a load of {documents:,} documents in {load_took:.1f} s: none lost, no “database is "
            f"locked”; a write takes {percentile(waits, 0.5):.0f} ms (median), 99th percentile "
            f"{percentile(waits, 0.99):.0f} ms, the longest {max(waits):.0f} ms",
            problems,
        )
    ]


def controls():
    return {"writers that do not wait for one another": drill(4, 0, 1, broken="impatient")}


def generated(site, documents):
    """A folder with a bank of so many documents, one in 50 of them a role."""
    folder, roles = site.folder / "bank", documents // 50
    site.python("-m", "bench.generated", documents - roles, roles, "--folder", folder).check_returncode()
    return folder


@contextmanager
def writing(site, questions, every):
    """Let a process for each of `questions` save it again and again.

    What they did is in the list, at the end: a dictionary for each.
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    commands = [[sys.executable, "-m", __spec__.name, str(pk), str(every)] for pk in questions]
    processes = [subprocess.Popen(line, cwd=ROOT, env=site.environment, **pipes) for line in commands]
    for process in processes:
        process.stdout.readline()  # it is ready
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    found = []
    try:
        yield found
    finally:
        found += [json.loads(process.communicate()[0]) for process in processes]


# The process of one writer


def write(question, every):
    """Save `question` each `every` seconds until the standard input ends; print what came of it."""
    import select

    import django
    from django.db import OperationalError

    django.setup()
    from questions.models import Question
    from questions.recording import record

    waits, written, refused, number = [], [], [], 0
    print("ready", flush=True)
    sys.stdin.readline()
    due = time.perf_counter()
    while not select.select([sys.stdin], [], [], max(0, due - time.perf_counter()))[0]:
        number += 1
        began = time.perf_counter()
        try:
            with record():
                row = Question.objects.get(pk=question)
                row.text, row.answer = (text for [text] in words(number).values())
                row.save()
            written.append(number)
            waits.append((time.perf_counter() - began) * 1000)
        except OperationalError as error:
            refused.append(str(error))
        due += every
    print(json.dumps({"waits": waits, "written": written, "refused": refused}))


if __name__ == "__main__":
    write(int(sys.argv[1]), float(sys.argv[2]))
