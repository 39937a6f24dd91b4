"""What the site promises, tried out: `make drills`, or `python -m bench.drills kills curators`.

Each drill breaks something around a real site and measures what its users see; each of its controls is
the same drill on something that is broken on purpose, where it has to fail. A run of all drills writes
RELIABILITY.md.
"""

import argparse
import os
import platform
import re
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.drills import backups, curators, database, disk, floods, kills, postgres, writers
from bench.drills.servers import ROOT, PostgreSQL

DRILLS = {
    "floods": floods,
    "kills": kills,
    "postgres": postgres,
    "disk": disk,
    "database": database,
    "curators": curators,
    "writers": writers,
    "backups": backups,
}
RESULTS = ROOT / "RELIABILITY.md"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drills", nargs="*", metavar="drill", help=f"of {', '.join(DRILLS)}; all if none")
    chosen = parser.parse_args().drills or list(DRILLS)
    if unknown := set(chosen) - set(DRILLS):
        parser.error(f"there is no drill {', '.join(sorted(unknown))}")
    began = time.monotonic()
    rows, controls = [], []
    for name in chosen:
        rows += [(name, finding) for finding in tried(name, controls)]
    report = "\n\n".join(
        [
            "# What holds",
            "Each line was measured by `make drills`, which breaks something around a real site and looks "
            "at what its users see. The site has one worker process where no other number is named.",
            table(rows),
            "Each drill has failed, as it has to, on something that is broken on purpose: "
            f"{'; '.join(controls)}.",
            f"{datetime.now(UTC):%-d %B %Y}, {time.monotonic() - began:.0f} s. {machine()}",
        ]
    )
    print(f"\n{report}")
    if set(chosen) == set(DRILLS):
        RESULTS.write_text(f"{report}\n")
    sys.exit(not all(finding.is_kept for _name, finding in rows))


def tried(name, controls):
    """The findings of a drill, which add to `controls` what has failed on purpose."""
    began = time.monotonic()
    print(f"{name} ...", flush=True)
    findings = DRILLS[name].drill()
    for broken, of_control in DRILLS[name].controls().items():
        of_control = [finding for finding in of_control if not finding.is_left_out]
        unnoticed = [finding.promise for finding in of_control if finding.is_kept]
        if unnoticed:
            findings[0].problems.append(f"the drill is broken: with {broken}, it finds {unnoticed} kept")
        elif of_control:
            controls.append(broken)
    for finding in findings:
        print(f"{'kept' if finding.is_kept else 'BROKEN'}: {finding.promise} {finding.figure}", flush=True)
        for problem in finding.problems:
            print(f"    {problem}", flush=True)
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    return findings


def table(rows):
    lines = ["| promise | figure | command |", "| --- | --- | --- |"]
    for name, finding in rows:
        figure = finding.figure if finding.is_kept else f"**broken**: {finding.problems[0]}"
        lines.append(f"| {finding.promise} | {figure} | `make drills ARGS={name}` |".replace("\n", " "))
    return "\n".join(lines)


def machine():
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    versions = {
        "Python": platform.python_version(),
        **{name: version(name) for name in ("Django", "granian", "psycopg")},
        "SQLite": sqlite3.sqlite_version,
    }
    if PostgreSQL.is_available():
        postgres = [str(PostgreSQL.BINARIES[-1] / "postgres"), "--version"]
        output = subprocess.run(postgres, capture_output=True, text=True, check=True).stdout
        versions["PostgreSQL"] = output.split()[2]
    parts = ", ".join(f"{name} {number}" for name, number in versions.items())
    processor = model[1] if model else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; {parts}."


if __name__ == "__main__":
    main()
