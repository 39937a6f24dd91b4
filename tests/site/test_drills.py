"""The drills of `make drills`, each in short: the site keeps the promise, and the drill would notice."""

import pytest

from bench.drills import backups, curators, database, disk, floods, kills, postgres, writers

pytestmark = pytest.mark.once

SHORT = {
    # A second, for a machine that does other things meanwhile: without its bounds the site would stop.
    floods: {"floods": list(floods.FLOODS)[:1], "seconds": 2, "goal": 1000},
    kills: {"kills": 2, "sites": 1},
    postgres: {"stops": 1, "down": 0.5, "back": 2},
    disk: {},
    database: {"damaged": ["missing", "read-only"], "commands": ["serve"]},
    curators: {"rounds": 1, "curators": 4},
    writers: {"writers": 4, "documents": 0, "seconds": 1},
    backups: {"backups": 1, "on_postgresql": 0},
}


NOTICING = [drill for drill in SHORT if drill is not postgres]  # which takes as long as the others together


def name_of(drill):
    return drill.__name__.rpartition(".")[2]


@pytest.mark.parametrize("drill", SHORT, ids=name_of)
def test_a_drill_finds_its_promise_kept(drill):
    findings = drill.drill(**SHORT[drill])
    assert [finding.problems for finding in findings if not finding.is_kept] == []


@pytest.mark.parametrize("drill", NOTICING, ids=name_of)
def test_a_drill_notices_what_is_broken(drill):
    for broken, findings in drill.controls().items():
        tried = [finding for finding in findings if not finding.is_left_out]
        assert [finding.promise for finding in tried if finding.is_kept] == [], broken
