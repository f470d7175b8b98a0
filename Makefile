# make demo   set everything up and dub examples/scene.mp4 from English to Spanish
# make test   set everything up and run the checks and tests
.PHONY: demo test check setup clean

PY := .venv/bin/python

demo:
	@sh tools/setup.sh demo
	@$(PY) -m rythmo dub examples/scene.mp4 --from en --to es --out demo

test:
	@sh tools/setup.sh test
	@$(MAKE) --no-print-directory check
	@$(PY) -m pytest -q -n auto

check:
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

setup:
	@sh tools/setup.sh test

clean:
	rm -rf .venv demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
