"""The drills of `make drills`, each in short: the site keeps the promise, and the drill would notice."""

import pytest

from bench.drills import curators, database, disk, floods, kills, postgres, writers

SHORT = {
    # A second, for a machine that does other things meanwhile: without its bounds the site would stop.
    floods: {"floods": list(floods.FLOODS)[:1], "seconds": 2, "goal": 1000},
    kills: {"kills": 2, "sites": 1},
    postgres: {"stops": 1},
    disk: {},
    database: {"damaged": ["missing", "read-only"], "commands": ["serve"]},
    curators: {"rounds": 1, "curators": 4},
    writers: {"writers": 4, "documents": 50, "seconds": 1},
}


@pytest.mark.parametrize("drill", SHORT, ids=lambda drill: drill.__name__.rpartition(".")[2])
class TestDrill:
    def test_it_finds_that_the_promise_is_kept(self, drill):
        assert [finding.problems for finding in drill.drill(**SHORT[drill]) if finding.problems] == []

    def test_it_notices_what_is_broken(self, drill):
        for broken, findings in drill.controls().items():
            assert [finding.promise for finding in findings if finding.is_kept] == [], broken
