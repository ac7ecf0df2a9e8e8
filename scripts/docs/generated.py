"""What the scripts beside this one share: parts of files that are generated, written or only compared."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2]


def between(document: str, begin: str, end: str, content: str, start: int = 0) -> str:
    """``document`` with ``content`` between two markers, the end marker indented as the first one is."""
    at = document.index(begin, start)
    indent = document[document.rindex("\n", 0, at) + 1 : at]
    after = document.index("\n", at) + 1
    return document[:after] + content + indent + document[document.index(end, after) :]


def write(files: Iterable[tuple[Path, str]]) -> int:
    """Write the files that differ; with ``--check`` on the command line only name them: 1 when there are some."""
    check, outdated = "--check" in sys.argv[1:], []
    for path, content in files:
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        outdated.append(path.relative_to(SOURCES).as_posix())
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    if check and outdated:
        script = Path(sys.argv[0]).resolve().relative_to(SOURCES).as_posix()
        print(f"{', '.join(outdated)}: out of date, run python {script}", file=sys.stderr)
        return 1
    return 0
