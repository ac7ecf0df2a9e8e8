"""``python -m tests.chaos``: crash points (:mod:`chaos.run`), then random schedules (:mod:`chaos.schedules`).

``crashes`` or ``schedules`` as the first word does only that and takes its options; options alone are for crashes.
"""

from __future__ import annotations

import sys

from tests.chaos import run, schedules


def main(arguments: list[str]) -> int:
    """The exit code: 0 when nothing was violated."""
    if not arguments:
        return max(run.main([]), schedules.main([]))
    if arguments[0] == "schedules":
        return schedules.main(arguments[1:])
    return run.main(arguments[1:] if arguments[0] == "crashes" else arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
