"""Lighthouse, the Nu HTML checker and pictures of every page, against the production server: `make audit`.

It serves the shipped bank from a temporary database. A score is the median of a few runs, for they vary
with what else the machine does. Ends with 1 if one is under 100, the layout shifts, or an error is found.
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
from itertools import product
from pathlib import Path
from statistics import median
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "audit"
ENVIRONMENT = {
    "DEBUG": "0",
    "SECRET_KEY": "of the audit only",
    "INTERNSHIPS_URL": "https://internships.example/",
    "DJANGO_SETTINGS_MODULE": "interviewprep.settings",
}
LIGHTHOUSE = "lighthouse@12.8.2"  # 13 needs a newer Node than systems ship
CHECKER = "vnu-jar@26.9.27"
SCORES = ["performance", "accessibility", "best-practices", "seo"]
SHIFT = "cumulative-layout-shift"
FIGURES = {SHIFT: "layout shift", "largest-contentful-paint": "LCP, ms", "total-blocking-time": "TBT, ms"}
# A system's; without one, Playwright and Lighthouse look for their own.
CHROMIUM = os.environ.get("CHROME_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
ROLE = "/interview-questions/ai-engineer/"
WIDTHS = {"wide": 1440, "phone": 390}
TALLEST = 8000  # pixels of one picture: browsers draw no more than 16384
HEIGHT = "() => document.fonts.ready.then(() => document.documentElement.scrollHeight)"
WITHOUT_NODE = "Lighthouse and the HTML checker did not run: install Node.js 18.16 or newer, with npm."
WITHOUT_JAVA = "The HTML checker did not run: install a Java runtime, as the package default-jre-headless."


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="of Lighthouse for each page")
    runs = parser.parse_args().runs
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir()
    with served() as site:
        pages = fetched(site)
        failures = (
            [*lighthouse(site, pages, runs), *checker(pages)] if shutil.which("npx") else [WITHOUT_NODE]
        )
        pictures(site, pages)
    print(*failures or ["All is well."], f"Reports and pictures are in {RESULTS.name}/.", sep="\n")
    return 1 if failures else 0


@contextlib.contextmanager
def served():
    """The address of a production server that has the shipped bank."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    site = f"http://127.0.0.1:{port}"
    manage = [sys.executable, str(ROOT / "manage.py")]
    with tempfile.TemporaryDirectory() as folder, (RESULTS / "server.log").open("w") as log:
        os.environ |= ENVIRONMENT | {"SITE_URL": site, "PORT": str(port)}
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/db.sqlite3"
        subprocess.run([*manage, "prepare"], check=True, stdout=log)
        server = subprocess.Popen([*manage, "serve"], start_new_session=True, stdout=log, stderr=log)
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
        "topic": re.search(r'href="(/topics/[^"]+/)"', role)[1],
        "about": "/about/",
    }
    pages = {name: (path, get(site + path)) for name, path in paths.items()}
    for template in sorted((ROOT / "templates").glob("[45]*.html")):
        html = get_template(template.name).render({"retired": "What was asked once?"})
        pages[f"error-{template.stem}"] = (f"/error-{template.stem}/", html)
    return pages


def get(address):
    try:
        return urlopen(address, timeout=30).read().decode()
    except HTTPError as error:  # which is a page, too
        return error.read().decode()


def lighthouse(site, pages, runs):
    failures = []
    print(f"{'':10}" + "".join(f"{name:>16}" for name in [*SCORES, *FIGURES.values()]))
    for name in ("home", "role", "question"):
        results = [lighthouse_run(site + pages[name][0], f"{name}-{n}") for n in range(1, runs + 1)]
        result = {key: median(result[key] for result in results) for key in [*SCORES, *FIGURES]}
        print(f"{name:10}" + "".join(f"{value:16.4g}" for value in result.values()), flush=True)
        failures += [f"{name}: {part} is {result[part]:g}" for part in SCORES if result[part] < 100]
        failures += [f"{name}: the layout shifts by {result[SHIFT]:.3f}"] if result[SHIFT] >= 0.0005 else []
    return failures


def lighthouse_run(address, name, tries=3):
    """Scores and figures of one page on a phone. Chromium's trace fails now and then: then once more."""
    path = RESULTS / f"lighthouse-{name}.json"
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={path}"]
    command += [f"--only-categories={','.join(SCORES)}", "--chrome-flags=--headless=new --no-sandbox"]
    environment = os.environ | ({"CHROME_PATH": CHROMIUM} if CHROMIUM else {})
    errors_to = sys.stderr if tries == 1 else subprocess.DEVNULL
    if subprocess.run(command, env=environment, stderr=errors_to).returncode:
        return lighthouse_run(address, name, tries - 1) if tries > 1 else sys.exit("Lighthouse failed.")
    report = json.loads(path.read_text())
    scores = {part: round(100 * (report["categories"][part]["score"] or 0)) for part in SCORES}
    return scores | {figure: report["audits"][figure]["numericValue"] for figure in FIGURES}


def checker(pages):
    if not shutil.which("java"):
        print(WITHOUT_JAVA)
        return []
    for name, (_path, html) in pages.items():
        (RESULTS / f"{name}.html").write_text(html, encoding="utf-8")
    files = sorted(RESULTS.glob("*.html"))
    command = ["npx", "--yes", CHECKER, "--errors-only", "--format", "json", "--exit-zero-always", *files]
    report = subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True).stderr
    errors = json.loads(report)["messages"]
    print(f"HTML checker: {len(errors)} errors on {len(files)} pages")
    return [f"{Path(e['url']).name}:{e.get('lastLine', 0)}: {e['message']}" for e in errors]


def pictures(site, pages):
    from playwright.sync_api import sync_playwright

    def error(route):
        html = pages[route.request.url.split("/")[-2]][1]
        route.fulfill(body=html, content_type="text/html")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for theme, (label, width) in product(("light", "dark"), WIDTHS.items()):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
            page.route(f"{site}/error-*/", error)
            for name, (path, _html) in pages.items():
                page.goto(site + path, wait_until="networkidle")
                picture(page, f"{RESULTS}/{name}-{label}-{theme}", width)
                if (theme, label) == ("light", "wide"):
                    page.pdf(path=RESULTS / f"{name}.pdf", prefer_css_page_size=True)
        browser.close()


def picture(page, path, width):
    height = page.evaluate(HEIGHT)
    for number, top in enumerate(range(0, height, TALLEST), start=1):
        clip = {"x": 0, "y": top, "width": width, "height": min(TALLEST, height - top)}
        part = f"-{number}" if height > TALLEST else ""
        page.screenshot(path=f"{path}{part}.png", full_page=True, clip=clip, animations="disabled")


if __name__ == "__main__":
    sys.exit(main())
