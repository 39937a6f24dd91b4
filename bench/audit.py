"""Lighthouse, the Nu HTML checker and pictures of every page, against the production server: `make audit`.

It serves the shipped bank from a temporary database. Scores are the medians of a few runs, as one run
varies with whatever else the machine does; reports and pictures go to the ignored folder `audit`. Ends
with 1 if a median is under 100, if something shifts, or if the checker finds an error.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "audit"
LIGHTHOUSE = "lighthouse@12.8.2"  # 13 needs a newer Node than systems ship
CHECKER = "vnu-jar@26.9.27"
CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
SHIFT = "cumulative-layout-shift"
FIGURES = {
    SHIFT: "layout shift",
    "first-contentful-paint": "first text, ms",
    "largest-contentful-paint": "largest, ms",
    "total-blocking-time": "blocked, ms",
}
ROLE = "/interview-questions/ai-engineer/"
WIDTHS = {"wide": 1440, "phone": 390}
TALLEST = 8000  # pixels of one picture: browsers draw no more than 16384
MISSING = {
    "npx": "Lighthouse and the HTML checker did not run: install Node.js 18.16 or newer with npm.",
    "java": "The HTML checker did not run: install a Java runtime, such as the package default-jre-headless.",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="of Lighthouse for each page")
    parser.add_argument("--only", nargs="+", choices=STEPS, default=list(STEPS))
    options = parser.parse_args()
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir()
    with served() as site:
        pages = fetched(site)
        failures = [line for name in options.only for line in STEPS[name](site, pages, options)]
    print(*failures or ["All is well."], sep="\n")
    print(f"Reports and pictures are in {RESULTS.relative_to(ROOT)}/.")
    return 1 if failures else 0


@contextlib.contextmanager
def served():
    """The address of a production server that has the shipped bank."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        site = f"http://127.0.0.1:{port}"
        os.environ |= {
            "DEBUG": "0",
            "SECRET_KEY": "of the audit only",
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "PORT": str(port),
            "SITE_URL": site,
            "INTERNSHIPS_URL": "https://internships.example/",
            "LOG_LEVEL": "CRITICAL",  # wrong filters are asked for on purpose
            "DJANGO_SETTINGS_MODULE": "interviewprep.settings",
        }
        manage = [sys.executable, str(ROOT / "manage.py")]
        subprocess.run([*manage, "prepare"], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([*manage, "serve"], start_new_session=True, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"{site}/readyz")
            yield site
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def wait_for(address):
    for _attempt in range(200):
        with contextlib.suppress(OSError):
            return urlopen(address, timeout=5).close()
        time.sleep(0.1)
    raise SystemExit("The server does not answer.")


def fetched(site):
    """Every kind of page: name -> (path, HTML). The errors nobody can ask for come from their templates."""
    import django
    from django.template.loader import get_template

    django.setup()
    role = get(site + ROLE)
    question = re.search(r'href="(/questions/[^"?]+)', role)[1]
    topic = re.search(r'href="(/topics/[^"]+/)"', role)[1]
    paths = {
        "home": "/",
        "role": ROLE,
        "role-filtered": f"{ROLE}?difficulty=hard",
        "role-recall": f"{ROLE}?answers=hidden",
        "role-without-match": f"{ROLE}?q=nowhere",
        "role-wrong-filter": f"{ROLE}?difficulty=impossible",
        "question": question,
        "question-in-role": f"{question}?role=ai-engineer",
        "topics": "/topics/",
        "topic": topic,
        "about": "/about/",
    }
    pages = {name: (path, get(site + path)) for name, path in paths.items()}
    for template in sorted((ROOT / "templates").glob("[45]*.html")):
        html = get_template(template.name).render({"retired": "What was asked once?"})
        pages[f"error-{template.stem}"] = (f"/error-{template.stem}/", html)
    return pages


def get(address):
    try:
        response = urlopen(address, timeout=30)
    except HTTPError as error:  # which is a page, too
        response = error
    with response:
        return response.read().decode()


def lighthouse(site, pages, options):
    if not shutil.which("npx"):
        return [MISSING["npx"]]
    failures = []
    print(f"{'':10}" + "".join(f"{name:>16}" for name in [*CATEGORIES, *FIGURES.values()]))
    for name in ("home", "role", "question"):
        runs = [lighthouse_run(site + pages[name][0], f"{name}-{n + 1}") for n in range(options.runs)]
        scores = {part: round(100 * median(run[part] for run in runs)) for part in CATEGORIES}
        times = {figure: median(run[figure] for run in runs) for figure in FIGURES}
        cells = [*map(str, scores.values()), *(f"{time:.4g}" for time in times.values())]
        print(f"{name:10}" + "".join(f"{cell:>16}" for cell in cells), flush=True)
        failures += [f"{name}: {part} is {score}" for part, score in scores.items() if score < 100]
        if round(times[SHIFT], 3):
            failures.append(f"{name}: the layout shifts by {times[SHIFT]:.3f}")
    return failures


def lighthouse_run(address, name, tries=3):
    """The scores and figures of one page. Chromium's trace fails now and then: then once more."""
    path = RESULTS / f"lighthouse-{name}.json"
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={path}"]
    command += [f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless=new --no-sandbox"]
    ran = subprocess.run(command, env=os.environ | {"CHROME_PATH": chromium() or ""}, stderr=subprocess.PIPE)
    if ran.returncode:
        if tries == 1:
            raise SystemExit(f"Lighthouse failed: {ran.stderr.decode()}")
        return lighthouse_run(address, name, tries - 1)
    report = json.loads(path.read_text())
    scores = {part: report["categories"][part]["score"] or 0 for part in CATEGORIES}
    return scores | {figure: report["audits"][figure]["numericValue"] for figure in FIGURES}


def chromium():
    """A system's Chromium; without one, Playwright has its own."""
    return os.environ.get("CHROME_PATH") or shutil.which("chromium") or shutil.which("google-chrome")


def checker(site, pages, options):
    missing = [tool for tool in ("npx", "java") if not shutil.which(tool)]
    if missing:
        print(MISSING[missing[0]])
        return []
    for name, (_path, html) in pages.items():
        (RESULTS / f"{name}.html").write_text(html, encoding="utf-8")
    files = [str(RESULTS / f"{name}.html") for name in pages]
    command = ["npx", "--yes", CHECKER, "--errors-only", "--format", "json", "--exit-zero-always", *files]
    said = subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True).stderr
    errors = json.loads(said)["messages"]
    print(f"HTML checker: {len(errors)} errors on {len(files)} pages")
    return [f"{Path(e['url']).name}:{e.get('lastLine', 0)}: {e['message']}" for e in errors]


def pictures(site, pages, options):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for theme in ("light", "dark"):
            for label, width in WIDTHS.items():
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
                for name in pages:
                    open_page(page, site, *pages[name])
                    picture(page, f"{name}-{label}-{theme}", width)
        for name in pages:
            open_page(page, site, *pages[name])
            page.pdf(path=RESULTS / f"{name}.pdf", prefer_css_page_size=True)
        browser.close()
    return []


def open_page(page, site, path, html):
    if path.startswith("/error-"):
        page.route(site + path, lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(site + path, wait_until="networkidle")
    page.evaluate("document.fonts.ready")


def picture(page, name, width):
    height = page.evaluate("document.documentElement.scrollHeight")
    for number, top in enumerate(range(0, height, TALLEST)):
        clip = {"x": 0, "y": top, "width": width, "height": min(TALLEST, height - top)}
        path = RESULTS / f"{name}{f'-{number + 1}' if number else ''}.png"
        page.screenshot(path=path, full_page=True, clip=clip, animations="disabled")


STEPS = {"lighthouse": lighthouse, "checker": checker, "pictures": pictures}

if __name__ == "__main__":
    sys.exit(main())
