"""The settings form's description: every word of it has a source, every text stands in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from omnidesk.panel_ui import names
from omnidesk.panel_ui.settings_fields import (
    CHECK,
    FIELDS,
    LEVELS,
    MAKE_SECRET,
    ONE_OF,
    RATINGS,
    RELOAD,
    SECRETS,
    UNCHECKED,
)
from tests.panel_ui.panel_calls import PLUGIN_XML

REPOSITORY = PLUGIN_XML.parents[2]
SEEN = json.loads((REPOSITORY / "tests/data/plugin_words.json").read_text(encoding="utf-8"))["seen"]
DESCRIPTION = etree.parse(str(PLUGIN_XML)).getroot()
PAGES = ("ticket.edit", "ticket_all.edit")
OWN = (names.SETTINGS, *PAGES)
EVENTS = "the manufacturer's pages on event handlers (ispmanager developer guide, COREmanager)"
TRACE = "a form's metadata in a public trace of BILLmanager 6"
FRAMEWORK = "github pulivilizator/billmgr-addon, which reads the panel's forms"
FORMS = "the manufacturer's page COREmanager: description of forms"
# Words that no counted description has, and where they are from.
SOURCES = {
    "handler/event": EVENTS,
    "handler@ignore_errors": EVENTS,
    "event@name": EVENTS,
    "event@final": EVENTS,
    "event@after": EVENTS,
    "input@setvalues": f"{FORMS}: the request called setvalues, with sv_field",
    "select@setvalues": f"{FORMS}, and {TRACE}",
    "field/htmldata": "the manufacturer's page on the description of interfaces, and a handler that fills one",
    "htmldata@name": "the manufacturer's page on the description of interfaces, and a handler that fills one",
    "form/buttons": TRACE,
    "buttons/button": TRACE,
    "button@name": TRACE,
    "button@type": TRACE,
    "field/button": FRAMEWORK,
    "input@maxlength=10": "a number like the 20 and 64 seen",
    "input@maxlength=200": "a number like the 20 and 64 seen",
    "input@maxlength=255": "a number like the 20 and 64 seen",
    "select@type=multiple": "the panel's own form payment.filter in a public trace of BILLmanager 6",
    "metadata@level": "the manufacturer's example of a plugin (hello world)",
    "mgrdata/mainmenu": "github pulivilizator/billmgr-addon, its README",
    "mainmenu/node": "github pulivilizator/billmgr-addon, its README",
    "mainmenu@level": "github pulivilizator/billmgr-addon, its README",
    "node/node": "github pulivilizator/billmgr-addon, its README",
    "node@name": "github pulivilizator/billmgr-addon, its README",
    "node@action": "github pulivilizator/billmgr-addon, its README",
    "node@type": "github pulivilizator/billmgr-addon, its README",
}


def owned() -> Iterator[etree._Element]:
    """The parts of the description that belong to the settings, the links and the menu."""
    for metadata in DESCRIPTION.iterfind("metadata"):
        if metadata.get("name") in OWN:
            yield metadata
    yield from DESCRIPTION.iterfind("handler")
    yield from DESCRIPTION.iterfind("mainmenu")


def unseen(element: etree._Element) -> Iterator[str]:
    """Words of an element that were not counted, as SOURCES calls them."""
    tag, parent = str(element.tag), element.getparent()
    assert parent is not None
    if tag not in SEEN.get(str(parent.tag), {}).get("children", ()):
        yield f"{parent.tag!s}/{tag}"
    known = SEEN.get(tag, {}).get("attributes", {})
    for name, value in element.attrib.items():
        if name not in known:
            yield f"{tag}@{name}"
        elif known[name] and value not in known[name]:
            yield f"{tag}@{name}={value}"


def test_every_word_was_seen_or_has_a_source() -> None:
    used = {word for part in owned() for one in part.iter(etree.Element) for word in unseen(one)}
    assert used == set(SOURCES), "a word without a source, or a source for a word nobody uses"


def texts(func: str, language: str) -> dict[str, str]:
    rows = DESCRIPTION.iterfind(f"lang[@name='{language}']/messages[@name='{func}']/msg")
    return {str(one.get("name")): one.text or "" for one in rows}


def needed() -> Iterator[str]:
    """What the panel looks up, and what the handler's code asks for."""
    metadata = DESCRIPTION.find(f"metadata[@name='{names.SETTINGS}']")
    assert metadata is not None
    yield "title"
    yield from (str(page.get("name")) for page in metadata.iter("page"))
    for field in metadata.iter("field"):
        if field.get("noname") != "yes":
            yield str(field.get("name"))
            yield f"hint_{field.get('name')}"
    for button in metadata.iter("button"):
        if button.get("name") not in ("ok", "cancel"):  # which have the panel's own words
            yield from (f"{kind}_{button.get('name')}" for kind in ("msg", "hint"))
    yield from (f"level_{one}" for one in LEVELS)
    yield from (f"{name}_{key}" for name, keys in ONE_OF.items() for key in keys)
    for module in (REPOSITORY / "lib/omnidesk/panel_ui").glob("settings_*.py"):
        code = module.read_text(encoding="utf-8")
        yield from re.findall(r'words\((?:f)?["\'](\w+)["\']\)', code)
    yield from ("note_on", "note_off")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_text_is_there_and_used(language: str) -> None:
    found = texts(names.SETTINGS, language)
    placeholders = {name for name in found if name.startswith("placeholder_")}
    assert set(found) - placeholders == set(needed())
    assert {name.removeprefix("placeholder_") for name in placeholders} < set(FIELDS)
    assert all(text.strip() for text in found.values())


def test_both_languages_say_as_much_and_differ() -> None:
    russian, english = (texts(names.SETTINGS, language) for language in ("ru", "en"))
    assert set(russian) == set(english)
    same = {name for name in russian if russian[name] == english[name] and not name.startswith("placeholder_")}
    assert same == set()
    assert all(re.search("[а-яё]", text) for name, text in russian.items() if not name.startswith("placeholder_"))
    assert not [text for text in english.values() if re.search("[а-яё]", text.replace("(без текста)", ""))]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_link_and_the_menu_have_their_words(language: str) -> None:
    for page in PAGES:
        assert texts(page, language)["omnidesk_case"]
    menu = texts("desktop", language)
    assert {f"menu_{node.get('name')}" for node in DESCRIPTION.iterfind("mainmenu//node")} <= set(menu)


def test_the_form_has_the_fields_of_the_code_and_hides_what_is_private() -> None:
    metadata = DESCRIPTION.find(f"metadata[@name='{names.SETTINGS}']")
    assert metadata is not None
    described = [str(one.get("name")) for one in metadata.iter("field")]
    extra = {"note", "webhook", "result", "result_more"}
    assert set(described) == set(FIELDS) | extra | {f"rating_{one}" for one in RATINGS}
    assert [name for name in described if name in FIELDS] == list(FIELDS), "and in the order in which mistakes are told"
    buttons = {str(one.get("name")) for one in metadata.iter("button")}
    assert buttons == {"ok", "cancel", RELOAD, MAKE_SECRET, CHECK, UNCHECKED}


def test_every_field_with_a_value_has_a_place_for_what_is_wrong_with_it() -> None:
    """Beside the field, so that each mistake stands at its own; a rating's stands at the first of its fields."""
    metadata = DESCRIPTION.find(f"metadata[@name='{names.SETTINGS}']")
    assert metadata is not None
    places = {
        str(one.get("name")): str(field.get("name"))
        for field in metadata.iter("field")
        for one in field.iter("htmldata")
    }
    assert {f"about_{name}": name for name in (*FIELDS, "webhook")}.items() <= places.items()
    assert set(places) == {f"about_{name}" for name in (*FIELDS, "webhook")} | {"result", "result_more"}


def test_secrets_are_private_passwords() -> None:
    metadata = DESCRIPTION.find(f"metadata[@name='{names.SETTINGS}']")
    assert metadata is not None
    private = {str(one.get("name")) for one in metadata.iter("input") if one.get("private") == "yes"}
    assert private == set(SECRETS) == {
        str(one.get("name")) for one in metadata.iter("input") if one.get("type") == "password"
    }  # fmt: skip


def test_the_picture_is_a_small_one_and_the_scripts_own(tmp_path: Path) -> None:
    """Drawn by scripts/docs/draw_logo.py, for the plugin's name."""
    plugin = DESCRIPTION.find("plugin")
    assert plugin is not None
    picture = REPOSITORY / f"skins/common/plugin-logo/billmanager-plugin-{plugin.get('name')}.png"
    drawn: dict[str, object] = {"__file__": str(REPOSITORY / "scripts/docs/draw_logo.py"), "__name__": "drawn"}
    exec(compile((REPOSITORY / "scripts/docs/draw_logo.py").read_text(), "draw_logo.py", "exec"), drawn)
    assert picture.read_bytes() == drawn["png"]()  # type: ignore[operator]
    assert len(picture.read_bytes()) < 4096
