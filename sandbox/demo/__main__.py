"""``python -m sandbox.demo``."""

from __future__ import annotations

import sys

from sandbox.demo import main

if __name__ == "__main__":
    sys.exit(main())
