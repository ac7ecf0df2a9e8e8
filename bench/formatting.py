"""What Omnidesk's HTML costs: the slowest shapes of hostile HTML at two sizes, in seconds of one core.

``PYTHONPATH=lib:. .venv/bin/python bench/formatting.py``; the table of docs/formatting.md.
"""

from __future__ import annotations

import time

from omnidesk.content.incoming import Policy, from_html
from tests.support.hostile_html import long_shapes

SIZES = (100_000, 200_000)
SHOWN = 10
MOST = 2.0  # seconds for the first size
POLICY = Policy(host="acme.omnidesk.ru", cut_rating=True)


def seconds(markup: str) -> float:
    """The processor time of one conversion."""
    begin = time.process_time()
    from_html(markup, POLICY)
    return time.process_time() - begin


def main() -> int:
    """0 when none takes longer than it may."""
    seconds("<p>x <b>y</b> [z]</p>")  # imports
    small, large = (long_shapes(size) for size in SIZES)
    taken = {name: seconds(markup) for name, markup in small.items()}
    slowest = sorted(taken, key=lambda name: -taken[name])[:SHOWN]
    print("| Shape | 100 KB | 200 KB |\n|---|---|---|")
    for name in slowest:
        print(f"| {name} | {taken[name]:.2f} | {seconds(large[name]):.2f} |", flush=True)
    return int(max(taken.values()) > MOST)


if __name__ == "__main__":
    raise SystemExit(main())
