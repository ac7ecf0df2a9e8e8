"""What the module says itself, in a failure or in ``probe``, has both languages; other programs' words have one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnidesk.core.phrase import TEXTS

LIBRARY = Path(__file__).resolve().parents[2] / "lib" / "omnidesk"
FAILURES = ("Failure", "Misconfigured", "Paused", "TryLater", "Refused", "OnHold", "Gone")
SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,}", re.IGNORECASE)
FILES = sorted(LIBRARY.rglob("*.py"))
PROBE = [one for one in FILES if one.relative_to(LIBRARY).parts[0] == "probe"]
# Names that stand in the code of the probe and are shown as they are.
OF_PROGRAMS = {"JSON", "HTML", "Python", "ticket_message", "ticket_all.delete", "waiting", "closed"}
NOT_SHOWN = {
    "as assumed", "not settled",  # identifiers of verdicts
    "SET NULL", "a multipart form", "Register event 'omnidesk'",  # read in the database and in logs
    # What a trial writes into both products, and into the log
    "pmomnidesk trial", "pmomnidesk: test message, please ignore", "pmomnidesk: changed test message",
    "cleaning up after a trial", "cleaning up after a trial: %s",
}  # fmt: skip


def values(tree: ast.AST) -> Iterator[ast.expr]:
    """What failures are given as their value."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in FAILURES:
            yield from call.args[2:3]
            yield from (one.value for one in call.keywords if one.arg == "value")


def sentences(tree: ast.AST) -> set[str]:
    """The literal texts that have two words, but for docstrings and patterns."""
    apart = set[ast.AST]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):  # a docstring
            apart.add(node.value)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            apart |= set(node.args)
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in apart)
    return {node.value for node in texts if isinstance(node.value, str) and SENTENCE.search(node.value)}


def words_put_into_phrases(tree: ast.AST) -> set[str]:
    """The literal words in the parameters of phrases; a call among them has its own."""
    found = set[str]()
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("Phrase", "plain"):
            given = [one.value for one in call.keywords] + (call.args if call.func.id == "plain" else [])
            for one in given:
                found |= set(re.findall(r"[A-Za-z]\w+(?:\.\w+)*", "" if isinstance(one, ast.Call) else literal(one)))
    return found


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


@pytest.mark.parametrize("path", PROBE, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_the_probe_has_no_english_text_of_its_own(path: Path) -> None:
    """Nothing that it finds, does, asks or gives as a reason; and no English word is put into a phrase."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert sentences(tree) - NOT_SHOWN == set()
    assert words_put_into_phrases(tree) - OF_PROGRAMS == set()


@pytest.mark.parametrize(
    "code",
    [
        'yield judged("desk.case", None, "the channel has no case")',
        'result = f"{count} cases compared"',
        'fact("desk.case", plain("none"))',
        'Phrase("probe.served", described="there" if found else "not")',
        'Phrase("probe.served", described=f"{count} rows")',
    ],
)
def test_an_english_finding_is_noticed(code: str) -> None:
    tree = ast.parse(code)
    assert sentences(tree) or words_put_into_phrases(tree) - OF_PROGRAMS


def test_every_key_that_is_used_has_a_text() -> None:
    """Without one the reader would see the key."""
    source = "".join(one.read_text() for one in LIBRARY.rglob("*.py"))
    used = set(re.findall(r'Phrase\("(said\.[a-z0-9_]+)"', source))
    used |= {f"said.{key}" for key in re.findall(r'BrokenAnswer\("([a-z0-9_]+)"', source)}
    known = {key for key in TEXTS if key.startswith("said.")}
    assert used == known
