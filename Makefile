# The project's commands; `make help` lists them. PYTHON names the Python that .venv is made with.

PYTHON ?= python3
PY := .venv/bin/python
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --only-binary :all:
STATIC := $(shell find static 2>/dev/null)

.PHONY: help install secret run dev test chromium firefox nginx lint format bench bench-bank bench-load bench-pages bench-practice drills audit requirements test-next clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed secret ## make .venv with the pinned requirements, and a secret in .env

run: install staticfiles/staticfiles.json ## migrate, load the bank and serve at HOST:PORT (127.0.0.1:8000)
	@$(PY) manage.py prepare
	@exec $(PY) manage.py serve

dev: install ## the same for developers: DEBUG, and a server that reloads changed code
	@DEBUG=1 $(PY) manage.py prepare
	@exec env DEBUG=1 $(PY) manage.py serve --reload

test: .venv/installed-dev chromium firefox nginx staticfiles/staticfiles.json ## run every test, those in the browser too (ARGS="-k filter" for some)
	@$(PY) -m pytest -n auto $(ARGS)

lint: .venv/installed-dev ## check the style and types of Python, templates, CSS and JavaScript
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/djangofmt check templates
	.venv/bin/djangofmt --check templates
	.venv/bin/oxfmt --check static
	.venv/bin/oxlint --deny-warnings static
	@! grep -rnE '^.{121,}' templates static --include '*.html' --include '*.css' --include '*.js' --exclude-dir vendor

format: .venv/installed-dev ## lay out Python, templates, CSS and JavaScript as make lint wants them
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv/bin/djangofmt check --fix templates
	.venv/bin/djangofmt templates
	.venv/bin/oxfmt static

test-next: ## run the tests that a release of Django may break, on its newest one: PYTHON=python3.12
	$(call require,3.12)
	@$(PYTHON) -m venv --clear .venv-next
	@.venv-next/bin/python $(PIP_INSTALL) --require-hashes -r requirements-dev.txt
	@.venv-next/bin/python $(PIP_INSTALL) --upgrade Django
	@.venv-next/bin/python -m pytest -n auto -m "not once" --ignore tests/content \
		--ignore tests/site/test_hostile_input.py --ignore tests/site/test_backup.py $(ARGS)

bench: install staticfiles/staticfiles.json ## measure the site beside nginx and others, into bench/RESULTS.md (needs wrk)
	@$(PY) -m bench.run --keep $(ARGS)

QUESTIONS ?= 100000
ROLES ?= 500
bench-bank: install ## load a generated bank into DATABASE_URL (QUESTIONS=100000 ROLES=500)
	@$(PY) -m bench.generated $(QUESTIONS) $(ROLES) $(ARGS)

bench-load: install ## measure loads of generated banks (ARGS=--keep: into bench/RESULTS-load.md)
	@$(PY) -m bench.load $(ARGS)

bench-pages: install ## measure pages of banks of 1,000 to 100,000 questions (ARGS=--keep: into bench/RESULTS-pages.md)
	@$(PY) -m bench.pages $(ARGS)

bench-practice: install ## measure practice with 100 and 10,000 learners (ARGS=--keep: into bench/RESULTS-practice.md)
	@$(PY) -m bench.practice $(ARGS)

drills: install ## break what the site needs, and measure what its users see, into RELIABILITY.md (ARGS="kills ...": some)
	@$(PY) -m bench.drills $(ARGS)

audit: install .venv/installed-dev chromium staticfiles/staticfiles.json ## Lighthouse, HTML checker and pictures of every page, into audit/ (needs Node, Java)
	@$(PY) -m bench.audit $(ARGS)

requirements: ## compile requirements*.txt again; with UPGRADE=--upgrade, to the newest releases
	$(call require,3.11)
	@venv=$$(mktemp -d) && trap 'rm -rf "$$venv"' EXIT && $(PYTHON) -m venv "$$venv" && \
	"$$venv/bin/python" $(PIP_INSTALL) pip-tools && \
	for name in requirements requirements-dev; do \
		CUSTOM_COMPILE_COMMAND="make requirements" "$$venv/bin/pip-compile" --quiet $(UPGRADE) \
			--generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links \
			--no-emit-trusted-host --output-file=$$name.txt $$name.in || exit; \
	done

clean: ## remove what these commands made, but for the database, its backups and .env
	rm -rf .venv .venv-next staticfiles .pytest_cache .ruff_cache .hypothesis test-results audit
	find . -name __pycache__ -prune -exec rm -rf {} +

# What they are made of

# Stops with one line unless PYTHON is at least this version.
require = $(if $(shell $(PYTHON) -c 'import sys; print("yes" if sys.version_info >= ($(subst .,$(comma),$(1)),) else "")' 2>/dev/null),,$(error Python $(1) or newer is needed, which $(PYTHON) is not: name one, as in "make $(MAKECMDGOALS) PYTHON=python3.13"))
comma := ,

.venv/installed: requirements.txt
	$(call require,3.11)
	@echo "Installing what the site needs into .venv ..."
	@$(PYTHON) -m venv .venv
	@$(PY) $(PIP_INSTALL) --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what the tests need into .venv ..."
	@$(PY) $(PIP_INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

staticfiles/staticfiles.json: .venv/installed $(STATIC) | secret
	@DEBUG=0 $(PY) manage.py collectstatic --no-input --verbosity 0

# Appends to a .env that has none; a SECRET_KEY in the environment needs no file.
secret: .venv/installed
	@[ -n "$$SECRET_KEY" ] || grep -Eqs '^(export +)?SECRET_KEY=' .env || { \
		umask 077; [ ! -s .env ] || echo >> .env; \
		echo "SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')" >> .env; \
		chmod 600 .env; }

# A system's Chromium, Debian's package where it may be installed, or else Playwright's own.
chromium: .venv/installed-dev
	@command -v chromium > /dev/null || command -v google-chrome > /dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium > /dev/null; \
	} || $(PY) -m playwright install chromium

# A system's Firefox, or Debian's package. Playwright's own does not speak WebDriver BiDi.
firefox:
	@command -v firefox-esr > /dev/null || command -v firefox > /dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends firefox-esr > /dev/null; \
	} || echo "Firefox is missing: install it, or expect tests/browser/test_firefox.py to fail."

# A system's nginx, or Debian's package, with what makes its certificate.
nginx:
	@{ command -v nginx || command -v /usr/sbin/nginx; } > /dev/null && command -v openssl > /dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends nginx openssl > /dev/null; \
	} || echo "nginx or openssl is missing: install it, or expect tests/site/test_deploy.py to fail."
