"""What commands and plans say in English has its Russian form; the table is held against the code."""

from __future__ import annotations

import ast
import itertools
import re

import pytest

from omnidesk.sync import actions
from omnidesk.wording import retell
from omnidesk.wording.due_reasons import DUE_REASONS
from tests.docs.pages import REPOSITORY

PACKAGE = REPOSITORY / "lib/omnidesk"
CYRILLIC = re.compile("[а-яё]")
SAMPLES = ("17", "open", "waiting", "trash", "message", "note", "Omnidesk", "237-696853", "cf_25", "high", "client")


def filled(node: ast.expr) -> set[str]:
    """What a literal or an f-string may come to, each hole filled with a sample."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        found = set()
        for sample in SAMPLES:
            parts = [{str(one.value)} if isinstance(one, ast.Constant) else hole(one, sample) for one in node.values]
            found |= {"".join(chosen) for chosen in itertools.product(*parts)}
        return found
    if isinstance(node, ast.BinOp):
        return {one + two for one in filled(node.left) for two in filled(node.right) or {"open"}}
    if isinstance(node, ast.IfExp):
        return filled(node.body) | filled(node.orelse)
    return set()


def hole(node: ast.expr, sample: str) -> set[str]:
    """What may stand in an f-string's hole: the literals it chooses from, else a sample."""
    return (isinstance(node, ast.FormattedValue) and filled(node.value)) or {sample}


def told(texts: set[str], form: object) -> bool:
    """Whether one of the fillings is told in Russian: the others hold a sample of the wrong kind."""
    return any(CYRILLIC.search(form(text, "ru")) for text in texts)  # type: ignore[operator]


def titles() -> list[tuple[str, set[str]]]:
    tree = ast.parse((PACKAGE / "sync/actions.py").read_text(encoding="utf-8"))
    found = []
    for kind in (one for one in tree.body if isinstance(one, ast.ClassDef) and one.name != "Action"):
        for node in ast.walk(kind):
            if isinstance(node, ast.Return) and node.value is not None:
                found.append((kind.name, filled(node.value)))
    return found


def notices() -> list[set[str]]:
    """What the module's own notes are about, as titles."""
    tree = ast.parse((PACKAGE / "sync/notices.py").read_text(encoding="utf-8"))
    called = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "Notify"]
    given = [one.args[3] for one in called]
    given += [
        one.value for one in ast.walk(tree) if isinstance(one, ast.Assign) and "about" in ast.dump(one.targets[0])
    ]
    return [
        {f"{place}: note that {text}" for place in ("Omnidesk", "BILLmanager") for text in filled(one)}
        for one in given
        if filled(one)
    ]


def reasons() -> list[set[str]]:
    tree = ast.Module([
        *ast.parse((PACKAGE / "sync/plan.py").read_text(encoding="utf-8")).body,
        *ast.parse((PACKAGE / "sync/notices.py").read_text(encoding="utf-8")).body,
    ], [])  # fmt: skip
    names = {name for name in vars(actions) if name[0].isupper()}
    found = []
    for node in ast.walk(tree):
        called = getattr(getattr(node, "func", None), "attr", "") if isinstance(node, ast.Call) else ""
        if called in names and node.args:  # type: ignore[attr-defined]
            found.append(filled(node.args[0]))  # type: ignore[attr-defined]
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Outcome":
            found.append(filled(node.args[2]))
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "why":
            found.append(filled(node.value))
    return [one for one in found if one]


def sentences(name: str) -> list[set[str]]:
    tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "say":
            found.append(filled(node.args[0]))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Answer" and node.args:
            found += [filled(one) for one in getattr(node.args[0], "elts", [])]
    return [one for one in found if one and not any(text.endswith(")") and "  (" in text for text in one)]


def test_every_action_has_a_russian_title() -> None:
    assert len(titles()) > 15
    own = [name for name, texts in titles() if texts and not told(texts, retell.title)]
    assert own == ["Notify"], "what its notes are about is told below"


def test_every_note_of_the_modules_own_has_a_russian_title() -> None:
    assert len(notices()) > 4
    assert [sorted(one)[0] for one in notices() if not told(one, retell.title)] == []


def test_every_reason_has_a_russian_form() -> None:
    assert len(reasons()) > 20
    assert [sorted(one)[0] for one in reasons() if not told(one, retell.reason)] == []


@pytest.mark.parametrize("name", ["cli/commands.py", "cli/sync.py"])
def test_every_answer_has_a_russian_form(name: str) -> None:
    found = sentences(name)
    assert found
    assert [sorted(one)[0] for one in found if not told(one, retell.answer)] == []


@pytest.mark.parametrize("reason", DUE_REASONS)
def test_why_a_ticket_is_due_has_a_russian_form(reason: str) -> None:
    assert CYRILLIC.search(retell.due(reason, "ru"))
    assert retell.due(reason, "en") == reason


def test_what_has_no_form_is_shown_as_it_is() -> None:
    for form in (retell.title, retell.reason, retell.answer, retell.due):
        assert form("something new", "ru") == "something new"
    assert retell.answer("Omnidesk: note 5  (it is not in the case yet)", "ru") == (
        "Омнидеск: заметка 5  (в обращении его ещё нет)"
    )
