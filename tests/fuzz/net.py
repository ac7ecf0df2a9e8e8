"""How many random hostile messages the net has to catch: ``python -m tests.fuzz.net --count 100000``.

Each message comes from its number, so one that is caught can be looked at again: ``--first 4711 --count 1 --show``.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections import Counter

from omnidesk.content.incoming import Policy, from_html
from tests.support.hostile_html import fragment

POLICY = Policy(host="acme.omnidesk.ru")
MOST_SHOWN = 20


def main() -> int:
    """0 when nothing was caught and nothing broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.net", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--first", type=int, default=0, help="the number of the first message (0)")
    parser.add_argument("--count", type=int, default=10_000, help="how many (10,000)")
    parser.add_argument("--show", action="store_true", help="print each message and what becomes of it")
    given = parser.parse_args()
    caught: Counter[str] = Counter()
    for seed in range(given.first, given.first + given.count):
        found = outcome(seed)
        if given.show:
            print(f"{fragment(seed)!r}\n{from_html(fragment(seed), POLICY)}")
        if found:
            caught[found] += 1
            if sum(caught.values()) <= MOST_SHOWN:
                print(f"{seed}: {found}", flush=True)
    print(f"{given.count:,} messages from {given.first:,}: {sum(caught.values())} caught {dict(caught) or ''}".rstrip())
    return 1 if caught else 0


def outcome(seed: int) -> str:
    """What the net caught of a message, or the error it ended with; "" for neither."""
    told: list[str] = []
    try:
        from_html(fragment(seed), POLICY, told.append)
    except Exception:  # noqa: BLE001  any error is a finding
        return traceback.format_exc().strip().splitlines()[-1]
    return ", ".join(told)


if __name__ == "__main__":
    sys.exit(main())
