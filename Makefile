# `make demo` on a fresh machine sets everything up and runs the cell; `make help` lists the rest.
# Set-up needs the network once; afterwards nothing here does.

PYTHON ?= $(shell for python in python3.11 python3.12; do \
	$$python -c 'import ensurepip, venv' 2>/dev/null && echo $$python && break; done)
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check
PIP_ARGUMENTS ?=
INSTRUCTION ?=
SEED ?=
export INSTRUCTION SEED

WARM := av, cv2, hypothesis, matplotlib.figure, mcap_ros2.writer, numpy, pybullet, pytest, rich.progress, \
  rosbags.highlevel, ruckig, torch, transformers, lam_ws.cli, lam_ws.nodes.session, \
  lam_ws.nodes.client, lam_ws.nodes.manager, lam_ws.nodes.guard_node, lam_ws.nodes.sim_node, \
  lam_ws.nodes.perception_node, lam_ws.nodes.policy_node, lam_ws.nodes.task_node, \
  lam_ws.nodes.record_node, lam_ws.perception.inventory, lam_ws.policy.network, lam_ws.sim.cell
INTERFACES := $(shell find lam_interfaces -type f -not -path '*/build/*')

.PHONY: setup venv demo test check mutants colcon clean distclean help
.DEFAULT_GOAL := help

setup: $(VENV)/interfaces.stamp ## make .venv, install the pinned packages, build lam_interfaces
venv: setup

$(VENV)/bin/python:
	@test -n '$(PYTHON)' || { echo 'lam_ws needs Python 3.11 or 3.12 with venv, and found neither:' \
	  'apt install python3.11 python3.11-venv python3.11-dev, or make PYTHON=/path/to/python' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' || { \
	  echo 'lam_ws needs Python 3.11 or 3.12; $(PYTHON) is another' >&2; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig; \
	  sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' || { \
	  echo 'lam_ws builds its ROS interfaces and needs Python.h: apt install python3-dev' >&2; exit 1; }
	@command -v c++ >/dev/null || { \
	  echo 'lam_ws builds its ROS interfaces and needs a C++ compiler: apt install g++' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The stamps hold what was done, so a set-up that was cut short goes on where it stopped.
# Compiling 2 GB of packages beforehand takes half of the processor time; what the nodes import is
# compiled once, here, also where the environment keeps Python from doing so by itself.
$(VENV)/packages.stamp: constraints.txt setup.py | $(VENV)/bin/python
	@echo 'installing the pinned packages into $(VENV): 2 GB, minutes'
	$(PIP) install --quiet --no-compile $(PIP_ARGUMENTS) -c constraints.txt 'setuptools==$(shell sed -n 's/^setuptools==//p' constraints.txt)'
	$(PIP) install --quiet --no-compile $(PIP_ARGUMENTS) -c constraints.txt --no-build-isolation -e '.[all]'
	@touch $@

$(VENV)/interfaces.stamp: $(VENV)/packages.stamp $(INTERFACES)
	@echo 'building lam_interfaces: a minute'
	$(PIP) install --quiet --no-build-isolation --no-deps --force-reinstall ./lam_interfaces
	@env -u PYTHONDONTWRITEBYTECODE $(RUN) -c 'import $(WARM)' >/dev/null
	@touch $@

demo: setup ## run the cell on one instruction: make demo INSTRUCTION="put the blue cube in the white bin" SEED=3
	@$(RUN) -m lam_ws demo $${INSTRUCTION:+--instruction "$$INSTRUCTION"} $${SEED:+--seed "$$SEED"}

test: setup ## run every test but those marked long
	$(RUN) -m pytest

check: setup ## what a contributor runs: ruff, mypy, tests
	$(VENV)/bin/ruff check .
	$(RUN) -m mypy
	$(RUN) -m pytest

mutants: setup ## how many mistakes in lam_ws/safety its tests notice: make mutants SAMPLE=150 SEED=1
	$(RUN) test/mutation.py $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

colcon: setup ## build both packages with colcon and run what it installed
	test/colcon.sh

clean: ## remove what demos, tests and builds wrote
	rm -rf out build install log .pytest_cache .mypy_cache .ruff_cache .hypothesis lam_ws.egg-info
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## also remove .venv
	rm -rf $(VENV)

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  make %-10s %s\n' "$$name" "$$text"; done
