# Two commands: `make check` (the main job) and `make test`. Each sets up what it needs. The formal
# proofs are a third, `make proofs`: they need Rocq instead of Python's packages.

VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The first Python of at least 3.11 on the path; `make PYTHON=...` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help check test install lint types tests docs fuzz bench picture proofs proofs-compare clean

help:
	@echo "make check    set up $(VENV) and run 'recurate check': the theorems, put to the test"
	@echo "make test     set up $(VENV) and run lint, types and all tests"
	@echo "make install  set up $(VENV) only"
	@echo "make docs     build the documentation site in build/docs, with its figures"
	@echo "make fuzz     set up $(VENV) and try to break the commands for an hour (MINUTES=60)"
	@echo "make bench    set up $(VENV) and measure speed and memory, as ratios"
	@echo "make picture  draw the pictures in README.md and docs/beyond_the_paper.md again"
	@echo "make proofs   check the formal proofs with Rocq (fetched on Debian and Ubuntu, as root)"
	@echo "make clean    remove $(VENV) and what the tools have cached"

check: install
	@$(BIN)/recurate check

# mypy runs beside the tests, and what it says is printed after them; either makes `make test` fail.
test: lint
	@said=$$(mktemp); $(BIN)/mypy >"$$said" 2>&1 & types=$$!; \
	trap 'kill $$types; rm -f "$$said"; exit 130' INT TERM; \
	$(MAKE) --no-print-directory tests; failed=$$?; \
	wait $$types || failed=1; \
	cat "$$said"; rm -f "$$said"; exit $$failed

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install
	@$(BIN)/mypy

# Each of the two processes has a core: threads of linear algebra would share it, at half the speed.
# Each takes neighbouring tests, which share what they compute, and at the end some of the other's.
tests: install
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist worksteal \
		--doctest-modules --pyargs recurate tests

# The figures that train no models; more of them, or finer ones, are shown if they were made before:
# `recurate figures --out build/figures`. So are the pages of `recurate check --html build/report`.
DRAWN := limit_density reward_bounds divergence_bounds fixed_point_densities candidates_to_infinity \
	condensation_phases share_envelope any_choice implicit_objective polarisation condorcet_cycle \
	accumulate_or_replace
docs: install
	@$(BIN)/recurate figures $(DRAWN) --scale smoke --out build/figures
	@rm -rf build/docs
	@$(BIN)/python -m sphinx -q -E -W --keep-going -c docs/site . build/docs
	@echo "open build/docs/index.html"

MINUTES ?= 60
fuzz: install
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

bench: install
	@$(BIN)/python benchmarks/run.py

# The pictures in README.md and docs/beyond_the_paper.md, in few colours to be small.
PICTURED := share_envelope any_choice implicit_objective polarisation condorcet_cycle accumulate_or_replace
picture: install
	@$(BIN)/recurate predict --example digits-confidence -K 4 --lam 1 --out build/picture
	@$(BIN)/recurate figures $(PICTURED) --out build/picture
	@for drawn in build/picture/trajectory.png $(PICTURED:%=build/picture/default/%.png); do \
		$(BIN)/python -c 'import sys; from PIL import Image; Image.open(sys.argv[1]).convert("RGB").quantize(64, dither=0).save(sys.argv[2], optimize=True)' \
			"$$drawn" "docs/images/$$(basename "$$drawn")" || exit 1; \
	done

# Rewrites paper_checks/formal_proofs.json, from which the formal column is read.
proofs:
	@$(MAKE) --no-print-directory -C proofs proofs PYTHON="$(PYTHON)"

# The same, but fails where the committed manifest says something else.
proofs-compare:
	@$(MAKE) --no-print-directory -C proofs compare PYTHON="$(PYTHON)"

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "recurate needs Python 3.11 or later; none was found (make PYTHON=... names one)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "recurate needs Python 3.11 or later; $(PYTHON) is older" >&2; exit 1; }
	@echo "setting up $(VENV) (PyTorch is large: some minutes at the first time)"
	@$(PYTHON) -m venv --clear $(VENV) || { echo "no venv module: on Debian and Ubuntu it is the package python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[torch,data,neural,explore,distributed,test,docs]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
