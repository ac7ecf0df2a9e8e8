"""Fuzzes one target in this process: ``python -m tests.fuzz.one TARGET [libFuzzer's options] [corpus folder]``."""

from __future__ import annotations

import logging
import sys

import atheris

with atheris.instrument_imports(include=["omnidesk", "tests.fuzz", "markdown_it"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Never returns: libFuzzer ends the process."""
    logging.disable(logging.CRITICAL)
    run = TARGETS[sys.argv[1]].run
    atheris.Setup([sys.argv[0], *sys.argv[2:]], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
