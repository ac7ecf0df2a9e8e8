"""Pages as a whole: links, both languages, decisions, changelog."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.docs.pages import PAGES, README, README_RU, REPOSITORY, Page, of_every_page, page, pairs, rows

DECISIONS = [one for one in PAGES if one.name.startswith("docs/decisions/")]
TRANSLATED = ("mermaid", "text", "console")  # pictures and output, whose words are in the page's language


@of_every_page
def test_links_lead_somewhere(one: Page) -> None:
    """Files exist, and headings in them; addresses outside are not looked at."""
    for link in one.links:
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = Page((one.path.parent / path).resolve() if path else one.path)
        assert target.path.exists(), link
        assert not anchor or anchor in target.anchors, link


def test_every_page_is_listed() -> None:
    """docs/README.md leads to all pages below docs/."""
    index = page("docs/README.md")
    listed = {(index.path.parent / link.partition("#")[0]).resolve() for link in index.links}
    missing = [one.name for one in PAGES if one.name.startswith("docs/") and one.path not in listed]
    assert missing == [index.name]


@pytest.mark.parametrize(("english", "russian"), pairs(), ids=lambda one: one.name)
def test_both_languages_have_the_same_parts(english: Page, russian: Page) -> None:
    """Headings of the same levels, tables of the same size, and a link to each other at the top."""
    assert [level for level, _ in english.headings] == [level for level, _ in russian.headings]
    assert [len(row) for row in rows(english.text)] == [len(row) for row in rows(russian.text)]
    assert russian.path.name in english.links
    assert english.path.name in russian.links


@pytest.mark.parametrize(("english", "russian"), pairs(), ids=lambda one: one.name)
def test_both_languages_show_the_same_code(english: Page, russian: Page) -> None:
    """What can be typed or pasted is the same; only pictures speak the page's language."""
    assert [language for language, _ in english.blocks] == [language for language, _ in russian.blocks]
    for first, second in zip(english.blocks, russian.blocks, strict=True):
        if first[0] not in TRANSLATED or "omnidesk_webhook" in first[1]:
            assert first == second


def test_tables_of_both_readmes_are_about_the_same() -> None:
    """Rows that begin with code begin with the same code, in the same order."""
    both = [
        [row[0] for row in rows(one.text) if re.fullmatch(r"`[^`]+`", row[0]) and not re.search("[а-яё]", row[0])]
        for one in (README, README_RU)
    ]
    assert both[0] == both[1]


@pytest.mark.parametrize("one", DECISIONS, ids=lambda one: one.name)
def test_a_decision_says_why_what_and_until_when(one: Page) -> None:
    assert [words for level, words in one.headings if level == 2] == [
        "Context",
        "Decision",
        "Consequences",
        "What would change this",
    ]
    assert len(one.text.splitlines()) <= 70, "one page"


def test_there_are_decisions() -> None:
    assert len(DECISIONS) >= 14


def test_the_changelog_keeps_its_format() -> None:
    """Keep a Changelog: an Unreleased part on top, groups with their six names."""
    headings = page("CHANGELOG.md").headings
    assert headings[1] == (2, "[Unreleased]")
    groups = {words for level, words in headings if level == 3}
    assert groups <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@of_every_page
def test_shell_blocks_are_shell(one: Page) -> None:
    for language, body in one.blocks:
        if language == "sh":
            done = subprocess.run(["bash", "-n"], input=body, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


@of_every_page
def test_fences_are_closed(one: Page) -> None:
    assert one.text.count("```") == 2 * len(one.blocks)


def test_pages_name_no_place_of_the_maintainers() -> None:
    """Nothing a reader does not have."""
    for one in PAGES:
        assert not re.search(r"/work/|/home/|/root/", one.text), one.name


@pytest.mark.parametrize(
    ("one", "limits", "installing"),
    [(README, "Limits", "Installing on a panel"), (README_RU, "Ограничения", "Установка на панель")],
    ids=["README.md", "README.ru.md"],
)
def test_the_readmes_are_short_and_name_the_limits_first(one: Page, limits: str, installing: str) -> None:
    """Details are on the pages of docs/, and nobody installs before reading what the module does not do."""
    assert len(one.text.splitlines()) <= 250
    parts = [words for _, words in one.headings]
    assert parts.index(limits) < parts.index(installing)


def test_the_licence_is_the_one_the_readme_names() -> None:
    assert (REPOSITORY / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert "MIT" in README.section("Licence") and "MIT" in README_RU.section("Лицензия")
