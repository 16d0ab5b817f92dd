# make play  opens the playground      make play ARGS="--prompt 'ROMEO:'"
# make test  runs the tests            make test ARGS="tests/models -x"
# make train trains a model            make train ARGS="book.txt --out runs/book"
# make bench measures                  make bench ARGS="screen"
# make pictures draws those of the README anew, from the program itself
#
# Each does its own set-up, once: .venv, and what it needs in it, as pinned in constraints.txt. Only test and train
# need torch. On Linux it brings CUDA, gigabytes of it; without a GPU: make train CPU=1, make test CPU=1.
# For another Python: make play PYTHON=python3.12. To start afresh: make clean.

ARGS =
# all the tests are shared among the processors, for which a few alone would only wait
ALL_TESTS = --numprocesses auto --maxprocesses 8 --dist worksteal
PYTHON =
CPU =
BIN = .venv/bin
PINNED = pyproject.toml constraints.txt
# newer pips read the second, older ones the first when they build this package
PIP = PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
      $(BIN)/python -m pip install --quiet --constraint constraints.txt

# torch without CUDA, from where its makers keep it; of builds that fit what is pinned, pip takes that
ifneq ($(CPU),)
export PIP_EXTRA_INDEX_URL := $(strip $(PIP_EXTRA_INDEX_URL) https://download.pytorch.org/whl/cpu)
endif

# what torch and all it needs come to: downloaded, and on the disk
LARGE = 2 to 3 GB to download and 5 to 7 GB on the disk, as torch brings CUDA; make $(2) CPU=1, without a GPU, takes
SIZES = $(if $(CPU)$(filter-out Linux,$(shell uname -s)),,$(LARGE) )$(1)

# an environment whose Python has gone (an upgrade, a moved folder) is made again
$(shell $(BIN)/python -c '' 2>/dev/null || rm -f .venv/.made .venv/.play .venv/.train .venv/.dev)

.PHONY: play test train bench pictures clean

play: .venv/.play
	@$(BIN)/python -m playground $(ARGS)

test: .venv/.dev
	@$(BIN)/python -m pytest $(or $(ARGS),$(ALL_TESTS))

train: .venv/.train
	@$(BIN)/python -m playground train $(ARGS)

bench: .venv/.dev
	@$(BIN)/python -m benchmarks $(ARGS)

pictures: .venv/.dev
	@$(BIN)/python docs/pictures.py

.venv/.play: $(PINNED) | .venv/.made
	@echo "Setting up the playground in .venv (once) ..."
	@$(PIP) --editable .
	@touch $@

.venv/.train: $(PINNED) | .venv/.made
	@echo "Setting up training in .venv, once: $(call SIZES,0.3 GB to download and 0.9 GB on the disk,train) ..."
	@$(PIP) --editable '.[train]'
	@touch $@ .venv/.play

.venv/.dev: $(PINNED) | .venv/.made
	@echo "Setting up the tests in .venv, once: $(call SIZES,0.4 GB to download and 1.3 GB on the disk,test) ..."
	@$(PIP) --editable '.[dev]'
	@touch $@ .venv/.train .venv/.play

# an environment that is there and works is kept; a Python that cannot do it is named
.venv/.made:
	@set -e; \
	if $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then touch $@; exit 0; fi; \
	found=; \
	for python in $(if $(PYTHON),$(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "error: no Python 3.11 or newer was found - install one (Debian: sudo apt install python3 python3-venv," \
	    "macOS: brew install python) or name it: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
	if ! "$$found" -c 'import venv, ensurepip' 2>/dev/null; then \
	  version=$$("$$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "error: $$found cannot make virtual environments -" \
	    "on Debian or Ubuntu: sudo apt install python$$version-venv" >&2; exit 1; fi; \
	"$$found" -m venv --clear .venv; \
	touch $@

clean:
	rm -rf .venv
