"""Every failure can be told, in both languages, with what to do about it; and nothing is told that cannot happen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import error_texts
import omnidesk
from omnidesk.core.errors import Failure, Gone, Misconfigured, Paused, Refused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.wording.error_texts import TEXTS, panel_type

LIB = Path(omnidesk.__file__).parent
FAILURES = {"Failure", "Misconfigured", "Paused", "TryLater", "Refused", "Gone"}
# Types that are passed on in a variable: where from is named, so that the list stays honest.
PASSED_ON = {
    "omnidesk_certificate": "connection._translated", "omnidesk_unreachable": "connection._translated",
    "omnidesk_rate": "rate.enter",
    **dict.fromkeys(("omnidesk_key", "omnidesk_login", "omnidesk_address"), "meaning.suspected"),
}  # fmt: skip


def sources() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(LIB.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def raised() -> dict[str, set[str]]:
    """Types in ``Failure("type", …)`` and its kind, and in ``_blocking("type", …)``; and where."""
    found: dict[str, set[str]] = {}
    for path, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name not in FAILURES | {"_blocking"}:
                continue
            for leaf in ast.walk(node.args[0]):
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                    found.setdefault(leaf.value, set()).add(path.name)
    return found


def test_whatever_is_raised_has_a_text_and_the_reverse() -> None:
    """A new failure needs words; words without a failure are dead."""
    types = {one for one in raised() if re.fullmatch(r"[a-z_]+", one)} | set(PASSED_ON)
    assert sorted(types - set(TEXTS)) == []
    mentioned = "".join(
        path.read_text(encoding="utf-8") for path, _ in sources() if not path.name.startswith("errors_")
    )
    unused = sorted(one for one in set(TEXTS) - types if f'"{one}"' not in mentioned)
    assert unused == []


@pytest.mark.parametrize("type", TEXTS)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_text_can_be_rendered(type: str, language: str) -> None:
    """With nothing but its type, and with everything; no placeholder is left."""
    for failure in (Failure(type), Failure(type, "OBJECT", "VALUE", seconds=17), Paused(type, seconds=1.5)):
        said, cure = failure.phrase.text(language), failure.phrase.cure(language)
        assert said and cure
        assert not re.search(r"\{\w*\}", said + cure)
        assert bool(re.search("[а-я]", said)) == (language == "ru")
        assert bool(re.search("[а-я]", cure)) == (language == "ru")


@given(st.sampled_from(sorted(TEXTS)), st.text(max_size=30), st.text(max_size=30))
def test_words_of_the_other_side_change_nothing(type: str, object: str, value: str) -> None:
    """Braces, percent signs or attribute paths in a value are shown as they are."""
    text = Failure(type, object, value).phrase.text("en")
    if "{value}" in TEXTS[type].en:
        assert value in text


def test_a_value_may_be_a_phrase_itself() -> None:
    """What a value says in words is said in the reader's language."""
    failure = Failure("custom_field", "cf_1", Phrase("field.unknown_field", field="cf_1"))
    assert "в Омнидеске нет поля данных cf_1" in failure.phrase.text("ru")
    assert failure.value == Phrase("field.unknown_field", field="cf_1").text("en")
    assert failure.value in failure.phrase.text("en")


def test_an_unknown_type_shows_its_parts() -> None:
    """Better than nothing, should it ever happen."""
    assert Failure("new_type", "what", "why").phrase.text("ru") == "new_type: what: why"
    assert str(Failure("new_type")) == "new_type"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_panels_texts(language: str) -> None:
    """One line for each type, with the panel's own placeholders."""
    messages = dict(error_texts.panel_messages(language))
    assert set(messages) == {f"msg_error_{panel_type(type)}" for type in TEXTS}
    assert all(name.startswith("msg_error_omnidesk_") for name in messages)
    for words in messages.values():
        assert "\n" not in words
        assert not re.search(r"\{\w+\}", words)


def test_what_each_kind_means() -> None:
    """The worker looks at the class, so the classes say what follows."""
    assert issubclass(Gone, Refused) and not issubclass(Paused, TryLater)
    assert TryLater("database", uncertain=True).uncertain and not TryLater("database").uncertain
    assert Paused("omnidesk_rate", seconds=12.4).params["seconds"] == "12"
    assert str(Misconfigured("settings", "f", "line 1: x")).endswith("line 1: x")
