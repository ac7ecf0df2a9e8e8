"""What the module says itself within the text of a failure has both languages; other programs' words have their own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnidesk.core.phrase import TEXTS

LIBRARY = Path(__file__).resolve().parents[2] / "lib" / "omnidesk"
FAILURES = ("Failure", "Misconfigured", "Paused", "TryLater", "Refused", "OnHold", "Gone")
ENGLISH = ("probe",)  # reports for those who develop the module
SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,}", re.IGNORECASE)
FILES = [one for one in sorted(LIBRARY.rglob("*.py")) if one.relative_to(LIBRARY).parts[0] not in ENGLISH]


def values(tree: ast.AST) -> Iterator[ast.expr]:
    """What failures are given as their value."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in FAILURES:
            yield from call.args[2:3]
            yield from (one.value for one in call.keywords if one.arg == "value")


def literal(value: ast.expr) -> str:
    """The parts of an expression that stand in the code, also those of an ``a or "b c"``."""
    parts = [one.value for one in ast.walk(value) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return "\n".join(parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_no_failure_is_given_an_english_sentence(path: Path) -> None:
    found = [
        f"{one.lineno}: {literal(one)}" for one in values(ast.parse(path.read_text())) if SENTENCE.search(literal(one))
    ]
    assert not found


def test_every_key_that_is_used_has_a_text() -> None:
    """Without one the reader would see the key."""
    source = "".join(one.read_text() for one in LIBRARY.rglob("*.py"))
    used = set(re.findall(r'Phrase\("(said\.[a-z0-9_]+)"', source))
    used |= {f"said.{key}" for key in re.findall(r'BrokenAnswer\("([a-z0-9_]+)"', source)}
    known = {key for key in TEXTS if key.startswith("said.")}
    assert used == known
