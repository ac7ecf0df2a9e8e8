"""Every column, field, button and state of the two lists and their forms has its words, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from omnidesk.custom_fields.values import LEVELS
from omnidesk.panel_ui import names
from omnidesk.panel_ui.fields_state import STATES, TYPES
from omnidesk.panel_ui.queue_rows import STATES as QUEUE_STATES
from tests.panel_ui.panel_calls import PLUGIN_XML

SOURCES = Path(__file__).resolve().parents[2] / "lib/omnidesk/panel_ui"
FUNCTIONS = (
    names.FIELDS, names.FIELDS_LINK, names.FIELDS_EDIT, names.QUEUE, names.QUEUE_FILTER, names.QUEUE_RETRY_ALL,
    names.ROUTING, names.ROUTING_EDIT,
)  # fmt: skip
MODULES = {
    names.FIELDS: ("fields_list",),
    names.FIELDS_LINK: ("fields_link", "fields_shared"),
    names.FIELDS_EDIT: ("fields_form", "fields_shared"),
    names.QUEUE: ("queue_list",),
    names.ROUTING: ("routing_list",),
    names.ROUTING_EDIT: ("routing_form",),
}
DESCRIPTION = etree.parse(str(PLUGIN_XML)).getroot()


def messages(func: str, language: str) -> dict[str, str]:
    rows = DESCRIPTION.iterfind(f"lang[@name='{language}']/messages[@name='{func}']/msg")
    return {str(one.get("name")): one.text or "" for one in rows}


def labels(metadata: etree._Element) -> Iterator[str]:
    """Of columns and fields, with their hints; the rows of a form are alike."""
    for node in [*metadata.iter("col"), *metadata.iter("field")]:
        name = str(node.get("name"))
        if node.get("noname") != "yes":
            yield name
            if not re.fullmatch(r"row_\d+", name) or name == "row_1":
                yield f"hint_{name}"


def needed(func: str) -> Iterator[str]:
    """What the panel looks up for this function (labels, hints, buttons), and the values it shows by message."""
    metadata = DESCRIPTION.find(f"metadata[@name='{func}']")
    assert metadata is not None
    yield "title"
    yield from labels(metadata)
    for node in metadata.iter("toolbtn"):
        yield from (f"short_{node.get('name')}", f"hint_{node.get('name')}")
        if node.get("type") == "group":
            yield f"msg_confirm_{node.get('name')}"
    for node in metadata.iter("input"):
        yield f"placeholder_{node.get('name')}"
    if func in (names.FIELDS, names.FIELDS_LINK, names.FIELDS_EDIT):
        yield from (f"level_{one}" for one in LEVELS)
        yield from (f"type_{one}" for one in TYPES)
    if func == names.FIELDS:
        yield from (f"state_{one}" for one in STATES)
        yield from ("level_other", "type_other", "type_unknown")
    if func == names.ROUTING:
        yield from ("state_fine", "state_partly", "state_wrong")
    if func in (names.QUEUE, names.QUEUE_FILTER):
        yield from (f"state_{one}" for one in QUEUE_STATES)
    if func == names.QUEUE:
        yield from ("state_paused", "held_cases", "held_tickets", "held_new_cases")
        yield from ("nothing", *(f"nothing_{one}" for one in ("due", "not_set_up", "never", "stale")))
    for module in MODULES.get(func, ()):
        text = (SOURCES / f"{module}.py").read_text(encoding="utf-8")
        if func != names.QUEUE:
            yield from re.findall(r'words\("(\w+)"\)', text)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("func", FUNCTIONS)
def test_everything_has_its_words(func: str, language: str) -> None:
    known = messages(func, language)
    assert [name for name in needed(func) if not known.get(name, "").strip()] == []


@pytest.mark.parametrize("func", FUNCTIONS)
def test_both_languages_have_the_same_texts_and_placeholders(func: str) -> None:
    russian, english = messages(func, "ru"), messages(func, "en")
    assert list(russian) == list(english)
    for name, text in russian.items():
        assert sorted(re.findall(r"__\w+?__", text)) == sorted(re.findall(r"__\w+?__", english[name])), name
        assert re.search("[а-яё]", english[name]) is None
