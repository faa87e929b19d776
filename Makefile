# `make` alone says what there is. Works with GNU make 3.81 and later; needs Python 3.11 or later with venv.

PYTHON ?=
ours = $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14)
# Runs a tool with the first Python that is new enough and has venv, else says in one line what is missing.
with_python = @for python in $(ours); do \
	  "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && exec "$$python" -m $(1); \
	done; \
	echo "This needs Python 3.11 or later with venv (Debian and Ubuntu: sudo apt-get install python3-venv)." >&2; exit 1

.PHONY: help run test check fix prove sweep lock

help:
	@echo "make run    start the service with its demo organisation at http://localhost:8000/  (PORT= HOST= FRESH=1)"
	@echo "make test   run every test that this machine can run  (T='tests/unit -k name')"
	@echo "make check  style, types, floors, templates, migrations, production settings, generated docs"
	@echo "make prove  let a random organisation try to drop a concern  (MINUTES=10)"
	@echo "make sweep  ask every page of everybody, against the access matrix"
	@echo "make fix    put right what can be put right by itself"

run:
	$(call with_python,tools.run)

test:
	$(call with_python,tools.test $(T))

check:
	$(call with_python,tools.check)

fix:
	$(call with_python,tools.check --fix)

# A random organisation at work, against every invariant, for so many minutes, with every walk and race: make prove MINUTES=10
MINUTES ?= 1
PROOFS = tests/proof tests/unit/concerns/test_workflow.py tests/unit/concerns/test_route_walk.py \
	tests/integration/concerns/test_races.py tests/integration/concerns/test_raising_race.py tests/integration/sharing/test_races.py
prove:
	PROVE_MINUTES=$(MINUTES) $(MAKE) test T="$(PROOFS)"

# Every cell of the access matrix: each address and method, for everybody, in a case of every kind
sweep:
	SAFEGUARDING_SWEEP=all $(MAKE) test T="--numprocesses logical --dist worksteal tests/architecture/test_access_sweep.py"

# Choose the packages anew within the ranges of pyproject.toml. Needs uv; nothing else does.
lock:
	$(call with_python,tools.lock)
