"""etc/xml/billmgr_mod_omnidesk.xml: only words the panel knows, and the texts of today."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import error_texts
from omnidesk.wording.error_texts import TEXTS

REPOSITORY = Path(__file__).resolve().parents[2]
PLUGIN_XML = REPOSITORY / "etc/xml/billmgr_mod_omnidesk.xml"
WORDS: dict[str, dict[str, dict[str, Any]]] = json.loads(
    (REPOSITORY / "tests/data/plugin_words.json").read_text(encoding="utf-8")
)
SOURCES = ("seen", "documented", "assumed")


@pytest.fixture(scope="module")
def description() -> etree._Element:
    return etree.parse(str(PLUGIN_XML)).getroot()


def known(element: str, kind: str) -> set[str]:
    return {word for source in SOURCES for word in WORDS[source].get(element, {}).get(kind, ())}


def values(element: str, attribute: str) -> set[str] | None:
    """The values an attribute may have; None: any."""
    lists = [
        WORDS[source][element]["attributes"][attribute]
        for source in SOURCES
        if attribute in WORDS[source].get(element, {}).get("attributes", {})
    ]
    return None if [] in lists else {value for some in lists for value in some}


def problems(root: etree._Element) -> list[str]:
    root_tag = str(root.tag)
    found = [] if root_tag == "mgrdata" else [f"the root is {root_tag}"]
    for element in root.iter(etree.Element):
        tag = str(element.tag)
        for child in element.iterchildren(etree.Element):
            inner = str(child.tag)
            if inner not in known(tag, "children"):
                found.append(f"<{tag}> in line {element.sourceline} takes no <{inner}>")
        for name, value in ((str(name), str(value)) for name, value in element.attrib.items()):
            if name not in known(tag, "attributes"):
                found.append(f"<{tag}> in line {element.sourceline} takes no {name}=")
            elif (some := values(tag, name)) is not None and value not in some:
                found.append(f"{name}={value!r} of <{tag}> in line {element.sourceline} was never seen")
    return found


def test_it_uses_only_words_that_the_panel_is_known_to_take(description: etree._Element) -> None:
    """The panel publishes no schema and ignores or rejects what it does not know."""
    assert problems(description) == []


@pytest.mark.parametrize(
    "text",
    [
        "<mgrdata><handler name='x' type='sh'/></mgrdata>",
        "<mgrdata><handler name='x' asynchronous='yes'/></mgrdata>",
        "<mgrdata><plugin name='x'><settings/></plugin></mgrdata>",
        "<plugins/>",
    ],
)
def test_the_comparison_finds_unknown_words(text: str) -> None:
    assert problems(etree.fromstring(text))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_error_texts_are_those_of_the_table(description: etree._Element, language: str) -> None:
    """Each failure type has its text in the panel, word for word that of lib/omnidesk/wording/error_texts.py."""
    rows = description.findall(f"lang[@name='{language}']/messages[@name='msgerror']/msg")
    assert [(row.get("name"), row.text) for row in rows] == error_texts.panel_messages(language)
    assert len(rows) == len(TEXTS)


def test_the_generator_has_nothing_to_do() -> None:
    """What `python scripts/docs/error_texts.py` would write is what the file holds."""
    command = [sys.executable, "scripts/docs/error_texts.py", "--check"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_events_are_those_the_hook_understands(description: etree._Element) -> None:
    """One registered here and unknown there would start a process in vain; the reverse would send no event."""
    registered = {event.get("name") for event in description.iterfind("handler/event")}
    source = (REPOSITORY / "lib/omnidesk/hooks/panel_event.py").read_text(encoding="utf-8")
    assert registered == {name for name in registered if f'"{name}"' in source}
    stages = {(event.get("name"), stage) for event in description.iterfind("handler/event") for stage in event.attrib}
    assert {name for name, stage in stages if stage == "final"} == registered
    assert {name for name, stage in stages if stage == "after"} == {
        "ticket.edit",
        "ticket_all.edit",
    }  # pages with a link
    assert (REPOSITORY / "addon" / str(description.find("handler").get("name"))).exists()  # type: ignore[union-attr]
