"""The drills of `make drills`, each in short: the site keeps the promise, and the drill would notice."""

import pytest

from bench.drills import curators, floods, kills

SHORT = {
    # A second, for a machine that does other things meanwhile: without its bounds the site would stop.
    floods: {"floods": list(floods.FLOODS)[:1], "seconds": 2, "goal": 1000},
    kills: {"kills": 2, "sites": 1},
    curators: {"rounds": 1, "curators": 4},
}


@pytest.mark.parametrize("drill", SHORT, ids=lambda drill: drill.__name__.rpartition(".")[2])
class TestDrill:
    def test_it_finds_that_the_promise_is_kept(self, drill):
        assert [finding.problems for finding in drill.drill(**SHORT[drill]) if finding.problems] == []

    def test_it_notices_what_is_broken(self, drill):
        for broken, findings in drill.controls().items():
            assert any(finding.problems for finding in findings), broken
