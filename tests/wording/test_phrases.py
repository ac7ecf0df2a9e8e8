"""Keys with parameters: each has its text in both languages, each text is used, and what is stored is read again."""

from __future__ import annotations

import ast
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import omnidesk.wording as catalogues
from omnidesk.core.errors import Failure, TryLater, system_words
from omnidesk.core.paths import private_folder
from omnidesk.core.phrase import TEXTS, Phrase, Text, full, join, load, plain, register, with_cure

assert catalogues
LIB = Path(catalogues.__file__).parents[1]
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
# What makes a phrase of a name: the subject that it puts before it, and which argument the name is.
MAKERS = {
    "Phrase": ("", 0), "FieldProblem": ("field", 0), "NotAccepted": ("setting", 0), "make_due": ("due", 1),
    "ok": ("finding", 1), "finding": ("finding", 2), "_problem": ("finding", 0),
}  # fmt: skip
NAMES = ("side.billmanager", "alert.telegram")  # the same in every language
OF_VALUES = ("status.", "kind.", "gone.")  # made of a value by action_texts.word


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def without(text: str) -> str:
    """A text without its placeholders."""
    return re.sub(r"\{\w+\}", "", text)


def calls() -> Iterator[tuple[str, str, str]]:
    """(where, what makes the phrase, the name it is made of) of each literal name."""
    for path in sorted(LIB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "") or ("make_due" if getattr(node.func, "attr", "") == "make_due" else "")
            if name in MAKERS and len(node.args) > MAKERS[name][1]:
                for literal in literals(node.args[MAKERS[name][1]]):
                    yield path.name, name, literal


def literals(node: ast.expr) -> list[str]:
    """The names that an expression chooses from."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def words() -> tuple[set[str], tuple[str, ...]]:
    """All literal texts of the code, and what names that are made of a value begin with."""
    found, begins = set[str](), set[str]()
    for path in (one for one in LIB.rglob("*.py") if not one.name.endswith("_texts.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begins.add(str(node.values[0].value))
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found, tuple(one for one in begins if re.fullmatch(r"[a-z_]+\.[a-z_]*", one))


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same(key: str) -> None:
    text = TEXTS[key]
    assert placeholders(text.en) == placeholders(text.ru)
    assert bool(text.cure_en) == bool(text.cure_ru)
    assert not CYRILLIC.search(text.en + text.cure_en)
    assert (
        CYRILLIC.search(text.ru)
        or key in ("side.billmanager", "alert.telegram")
        or not re.search("[A-Za-z]{2}", without(text.ru))
    )


def test_what_is_put_into_a_cure_is_put_into_it_in_both_languages() -> None:
    """But for a placeholder of the command line, which is a word of the language itself."""
    for key, text in TEXTS.items():
        assert placeholders(text.cure_en) == placeholders(text.cure_ru), key


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_to_do_begins_a_sentence(language: str) -> None:
    """Also behind a text that stands alone elsewhere."""
    for key, text in TEXTS.items():
        cure = text.cure(language)
        if cure:
            before = text.full(language).removesuffix(cure)
            assert before.endswith((". ", "! ", "? ", ": ", "… ")), f"{key}: {before}"


def test_each_key_that_the_code_uses_has_a_text() -> None:
    composed = {"join", "full", "with_cure", "span"}
    used = {(where, f"{MAKERS[maker][0]}.{name}".lstrip(".")) for where, maker, name in calls()}
    assert len(used) > 250
    assert sorted(one for one in used if one[1] not in TEXTS.keys() | composed) == []


def test_each_text_is_used() -> None:
    """Those of failures are checked by their types, see test_error_texts."""
    known, begins = words()
    for subject in ("field", "setting", "finding", "due"):  # which :data:`MAKERS` put before
        known |= {f"{subject}.{one}" for one in known}
    made = (*OF_VALUES, *(one for one in begins if one not in ("field.", "setting.", "finding.", "due.")))
    assert [key for key in TEXTS if "." in key and key not in known and not key.startswith(made)] == []


def test_two_texts_for_one_key_are_a_mistake() -> None:
    register({"plain": TEXTS["plain"]})
    with pytest.raises(ValueError, match="two texts for plain"):
        register({"plain": Text("a", "б")})


values = st.one_of(st.text(max_size=20), st.integers(-(10**12), 10**12), st.just(Phrase("status.open")))


@given(st.sampled_from(sorted(TEXTS)), st.dictionaries(st.sampled_from(["object", "value", "why", "x"]), values))
def test_what_is_stored_is_read_again(key: str, params: dict[str, object]) -> None:
    phrase = Phrase(key, **params)
    assert Phrase.of(phrase.data()) == phrase == load(key, phrase.stored(), None)
    for language in ("ru", "en"):
        assert (full(phrase).text(language), join([phrase, phrase]).text(language)) == (
            phrase.full(language), f"{phrase.text(language)}; {phrase.text(language)}",
        )  # fmt: skip


def test_parts_are_in_the_readers_language() -> None:
    phrase = Phrase("do.update_case", what=join([Phrase("status.waiting"), plain("cf_25")], ", "))
    assert str(phrase) == "Omnidesk: case waiting, cf_25"
    assert Phrase.of(phrase.data()).text("ru") == "Омнидеск: обращение: ждёт клиента, cf_25"
    assert with_cure(Phrase("field.unknown_field", field="cf_1")).text("en").count("..") == 0


def test_fractions_are_written_as_the_reader_writes_them() -> None:
    failure = TryLater("settling", seconds=6.4)
    assert "6.4 s" in failure.phrase.text("en") and "6,4 с" in failure.phrase.text("ru")
    assert "6,4 с" in Phrase.of(failure.phrase.data()).text("ru"), "also when it was stored"
    assert "60 с" in Failure("panel_timeout", "whoami", seconds=60.0).phrase.text("ru")
    assert Phrase("span", seconds=7300.0).text("ru") == "2 ч 1 мин"


def test_the_system_speaks_the_readers_language() -> None:
    """In its own words where it says something that is not in the catalogue."""
    with pytest.raises(OSError) as refused:
        os.stat("/no/such/file")
    failure = Failure("disk", "/no/such/file", system_words(refused.value))
    assert "No such file or directory" in failure.phrase.text("en") == str(failure)
    assert "нет такого файла или каталога" in Phrase.of(failure.phrase.data()).text("ru")
    for error, words in ((OSError(errno.ENODEV, os.strerror(errno.ENODEV)), "No such device"), (OSError(), "OSError")):
        assert system_words(error).text("ru") == words


def test_a_link_that_is_not_followed_is_called_so(tmp_path: Path) -> None:
    """The system speaks of too many levels of links: it says so of any link where none is followed."""
    (tmp_path / "var").symlink_to(tmp_path)
    for attempt in (
        lambda: private_folder(str(tmp_path / "var")),
        lambda: os.open(tmp_path / "var", os.O_RDONLY | os.O_NOFOLLOW),
    ):
        with pytest.raises(OSError) as refused:
            attempt()
        assert "symbolic link is not followed" in system_words(refused.value).text("en")
        assert "символическая ссылка" in system_words(refused.value).text("ru")


@pytest.mark.parametrize("key", [key for key in TEXTS if key.startswith("system.") and key != "system.ELOOP"])
def test_english_is_what_the_system_says_itself(key: str) -> None:
    assert TEXTS[key].en == os.strerror(getattr(errno, key.removeprefix("system.")))


def test_rows_of_an_earlier_version_and_damaged_ones_are_shown() -> None:
    assert load("omnidesk_refused", None, "It said no.") == plain("It said no.")
    assert load("", None, None) is None and load("x", "", "") is None
    assert load("x", "{", "old") == plain("old") and load("x", "[]", None) == plain("[]")
    assert Phrase.of({"type": "disk", "text": "old"}, "old") == plain("old")
    assert Phrase.of(None) == Phrase.of([]) == plain("")


def test_a_key_of_another_version_shows_its_parameters() -> None:
    stored = Failure("new_type", "what", "why").phrase.data()
    assert Phrase.of(stored).text("ru") == "new_type: what: why"
    assert (
        Phrase("panel_timeout", object="ticket.edit").text("en") == "The panel did not answer ticket.edit within ? s."
    )


def test_long_parameters_are_stored_shortened() -> None:
    stored = Phrase("plain", text="x" * 100_000).stored()
    assert len(stored) < 3000 and load("plain", stored, None) == plain("x" * 2000)
