"""Files that ship, and examples that pages show, can be read by what reads them."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from omnidesk.core import conf
from omnidesk.core.log_line import LEVELS
from omnidesk.custom_fields.catalogue import parse, parse_links
from tests.docs.pages import README, README_RU, REPOSITORY, Page, of_every_page, page, rows


def test_the_catalogue_is_read_without_a_problem() -> None:
    """With the two documented values, and every value named in both languages."""
    catalogue = parse((REPOSITORY / "etc/omnidesk/custom_fields_values.json").read_text(encoding="utf-8"))
    assert not catalogue.problems
    assert {"client_id", "ticket"} <= {value.key for value in catalogue}
    about = "\n".join(one.text for one in (README, README_RU))
    assert 35 <= len(list(catalogue)) <= 45 or "forty" not in about, "the number in the README"


@of_every_page
def test_json_that_pages_show_is_json(one: Page) -> None:
    for language, body in one.blocks:
        if language == "json":
            json.loads(body)


def test_the_readmes_links_of_fields_name_shipped_values() -> None:
    catalogue = parse((REPOSITORY / "etc/omnidesk/custom_fields_values.json").read_text(encoding="utf-8"))
    keys = {value.key for value in catalogue}
    for one in (README, README_RU):
        shown = [body for language, body in one.blocks if language == "json" and body.lstrip().startswith("[")]
        assert {link.value for body in shown for link in parse_links(body)} <= keys


@pytest.mark.parametrize(("name", "heading"), [("docs/logs.md", "Levels"), ("docs/logs.ru.md", "Уровни")])
def test_levels_of_the_logs_are_those_of_the_code(name: str, heading: str) -> None:
    table = {row[1].split("`")[1]: int(row[0]) for row in rows(page(name).section(heading))}
    assert table == LEVELS


@pytest.mark.parametrize("name", ["packaging/cron", "packaging/logrotate", "etc/omnidesk/omnidesk.conf.example"])
def test_templates_are_text_with_one_placeholder_at_most(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert "@" not in text.replace("@ROOT@", "").replace("@example.com", "")


def test_the_example_is_read_line_by_line() -> None:
    lines = conf.parse((REPOSITORY / "etc/omnidesk/omnidesk.conf.example").read_text(encoding="utf-8"))
    assert all(name[0].isupper() and not value for _, name, value in lines)


@pytest.mark.parametrize(
    "name", ["scripts/panel/install", "scripts/panel/uninstall", "scripts/setup", "scripts/common.sh"]
)
def test_shell_scripts_are_shell(name: str) -> None:
    done = subprocess.run(["sh", "-n", name], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("one", [README, README_RU], ids=lambda one: one.name)
def test_the_excerpt_of_the_demo_is_of_the_story_that_is_played(one: Page) -> None:
    """The scenes shown are scenes of the demo, in its words."""
    story = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "sandbox/demo").glob("*.py"))
    shown = [found for _, body in one.blocks for found in re.findall(r"^\d+\. (.+?) ·{3,}", body, re.MULTILINE)]
    assert shown
    for scene in shown:
        assert all(words in story for words in scene.split(" · ")), scene
