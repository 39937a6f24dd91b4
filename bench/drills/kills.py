"""The server is killed while curators save: `python -m bench.drills kills`."""

import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median

from bench.drills.curator import (
    Curator,
    content_version,
    damages,
    half_saves,
    history,
    published,
    saved_words,
    words,
)
from bench.drills.findings import Finding
from bench.drills.servers import CUT_OFF, Site

CURATORS = 2  # who save at once, each a question of their own
LONGEST = 0.4  # seconds from the first save to the kill: time for some saves of each
PATIENCE = 10  # times as many kills as wanted, on a busy machine, until saves were answered and cut off


@dataclass
class Tally:
    kills: int = 0
    answered: int = 0
    there: int = 0  # of the saves without an answer
    absent: int = 0
    restarts: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def has_tried(self):
        return self.answered and self.there + self.absent


class Author:
    """A curator with a question, and the numbers of their saves that are known to be in its history."""

    def __init__(self, site, password, question, address):
        self.site, self.question, self.address = site, question, address
        self.curator = Curator(site, password)
        self.number, self.answered, self.known = 0, 0, []
        self.is_answered = True

    def open(self):
        self.fields = self.curator.open(self.question)

    def save_until_cut_off(self):
        with suppress(*CUT_OFF):
            while True:
                self.number += 1
                self.is_answered = False
                status, page = self.curator.save(self.question, self.fields | words(self.number))
                if status != 302:
                    raise ValueError(f"Save {self.number} is refused: {status} {page[:2000]}")
                self.is_answered = True
                self.answered += 1
                self.known.append(self.number)
                self.open()

    def check(self, tally):
        """Compare what is there with what was answered."""
        saves = [number for number, _who in history(self.site, self.question)]
        if not self.is_answered:
            if saves[-1:] == [self.number]:
                tally.there += 1
                self.known.append(self.number)
            else:
                tally.absent += 1
            self.is_answered = True
        if lost := set(self.known) - set(saves):
            tally.problems.append(f"answered and lost: {sorted(lost)}")
        if saves != sorted(set(saves)) or set(saves) - set(self.known):
            tally.problems.append(f"history has {saves[-5:]}, and answered were {self.known[-5:]}")
        self.known = saves
        status, _headers, page = self.site.get(self.address)
        if status != 200 or (saves and saved_words(page) != (saves[-1], 0)):
            tally.problems.append(f"the page is {status}, of save {saved_words(page)}")


def kill_often(kills, broken, seed):
    dice, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(CURATORS) as pool:
        site = Site(folder, broken=broken)
        password = site.prepare()
        first_version = content_version(site)
        with site.running():
            authors = [Author(site, password, *question) for question in published(site, CURATORS)]
            while tally.kills < kills or (not tally.has_tried and tally.kills < PATIENCE * kills):
                list(pool.map(Author.open, authors))
                saving = [pool.submit(author.save_until_cut_off) for author in authors]
                time.sleep(dice.uniform(0.02, LONGEST))
                site.kill()
                tally.kills += 1
                for done in saving:
                    done.result()
                tally.restarts.append(site.start())
                for author in authors:
                    author.check(tally)
                saves = sum(len(author.known) for author in authors)
                if content_version(site) != first_version + saves:
                    tally.problems.append(f"{saves} saves, and {content_version(site)=}")
                tally.problems += half_saves(site) + damages(site)
                tally.answered = sum(author.answered for author in authors)
    return tally


def drill(kills=100, sites=2, broken=""):
    """Kill each of `sites`, beside one another, so often that all have been killed `kills` times."""
    with ThreadPoolExecutor(sites) as pool:
        tallies = list(pool.map(lambda seed: kill_often(kills // sites, broken, seed), range(sites)))
    answered, there, absent = (
        sum(getattr(tally, name) for tally in tallies) for name in ("answered", "there", "absent")
    )
    restart = median([seconds for tally in tallies for seconds in tally.restarts])
    problems = [problem for tally in tallies for problem in tally.problems]
    if not answered or not there + absent:
        problems.append("no save was answered, or none was cut off: nothing was tried")
    return [
        Finding(
            "Whatever kills the server, an answered save is kept; any other is there whole or not at all.",
            f"{sum(tally.kills for tally in tallies)} kills (SIGKILL) during saves: {answered} answered "
            f"saves, none lost; of {there + absent} without an answer {there} there whole, {absent} not at "
            f"all; history, content version and integrity_check agree each time; back in {restart:.1f} s",
            problems,
        )
    ]


def controls():
    return {"a server that answers before it commits": drill(2, 1, broken="answers_first")}
