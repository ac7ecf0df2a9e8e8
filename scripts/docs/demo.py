"""Write the READMEs' excerpts of the demo, by running it in both languages.

Run with ``--check`` this only says whether they are up to date; how long a step took does not count.
"""

from __future__ import annotations

import io
import sys

from generated import SOURCES, write

sys.path[:0] = [str(SOURCES), str(SOURCES / "lib")]

from sandbox.demo import main as play  # noqa: E402  found through the line above
from sandbox.demo.excerpt import WIDTH, excerpt, within  # noqa: E402

PAGES = {"en": SOURCES / "README.md", "ru": SOURCES / "README.ru.md"}


def main() -> int:
    """Write, or with ``--check`` compare; 1 when a page is not up to date or the demo fails."""
    made = []
    for language, path in PAGES.items():
        shown = io.StringIO()
        if play(["--lang", language, "--width", str(WIDTH)], shown):
            print(shown.getvalue(), file=sys.stderr)
            return 1
        made.append((path, within(path.read_text(encoding="utf-8"), excerpt(shown.getvalue()))))
    return write(made)


if __name__ == "__main__":
    sys.exit(main())
