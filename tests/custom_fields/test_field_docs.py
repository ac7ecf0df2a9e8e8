"""What the pages about custom fields show really works, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omnidesk.custom_fields import sql_approval, sql_check, sql_run
from omnidesk.custom_fields.catalogue import Catalogue, Value, parse, parse_links
from omnidesk.custom_fields.convert import TEXT_LIMIT, TEXTAREA_LIMIT
from omnidesk.custom_fields.sql_allowed import FUNCTIONS
from omnidesk.custom_fields.sql_approval import MemoryApprovals
from omnidesk.custom_fields.values import FieldValues

if TYPE_CHECKING:
    from tests.custom_fields.conftest import Database

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ["custom-fields.md", "custom-fields.ru.md"]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def recipes(page: str) -> list[Value]:
    found: list[Value] = []
    for block in blocks(page, "json"):
        if block.startswith("{"):
            catalogue = parse(block)
            assert not catalogue.problems
            found += list(catalogue)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_each_recipe_works(page: str, database: Database) -> None:
    """Every recipe is approved, and runs unless it is marked as an example on assumed tables."""
    found = recipes(page)
    assert len(found) >= 10
    with sql_run.session(lambda: database.connect("reader")) as connection:
        for value in found:
            sql_approval.ensure(value.sql, MemoryApprovals())
            sql_check.check(sql_run.statement(value, 1))
            if "(пример" not in value.name:
                raw = sql_run.evaluate(connection, value, 17 if value.entity == "user" else 100)
                assert raw is not None, value.key


def test_both_pages_show_the_same_recipes() -> None:
    """A recipe added to one language is added to the other."""
    assert recipes(PAGES[0]) == recipes(PAGES[1])


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_page_are_valid(page: str) -> None:
    """The example of the second file can be read."""
    lists = [block for block in blocks(page, "json") if block.startswith("[")]
    assert len(parse_links(lists[0])) == 2
    assert json.loads(lists[0])[0] == {"field": "cf_25", "value": "client_id"}


@pytest.mark.parametrize("page", PAGES)
def test_limits_and_functions_of_the_page(page: str) -> None:
    """The list of functions and the numbers are those of the code."""
    text = (DOCS / page).read_text(encoding="utf-8")
    missing = [name for name in FUNCTIONS if f"`{name}`" not in text]
    assert not missing
    plain = text.replace(",", "").replace(" ", "")
    for number in (sql_check.LONGEST, TEXT_LIMIT, TEXTAREA_LIMIT):
        assert str(number) in plain
    assert f"{sql_run.SECONDS:g} " in text


@pytest.mark.parametrize("page", PAGES)
def test_reading_user_of_the_page(page: str, database: Database) -> None:
    """The statements of the page make a user about whom check_connection has nothing to say."""
    create, narrow = blocks(page, "sql")
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("DROP USER IF EXISTS omnidesk_fields@localhost")
        for statement in create.split(";\n")[:-1]:
            cursor.execute(statement)
        _assert_reads_only(database)
        cursor.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM omnidesk_fields@localhost")
        for statement in narrow.split(";\n")[:-1]:
            cursor.execute(statement)
        _assert_reads_only(database)
        cursor.execute("DROP USER omnidesk_fields@localhost")


def _assert_reads_only(database: Database) -> None:
    def connect() -> sql_run.Connection:
        return database.server.connect("billmgr", user="omnidesk_fields", password="a-long-random-password")

    with FieldValues(Catalogue(), (), MemoryApprovals(), connect) as fields:
        assert [finding.level for finding in fields.check([])] == ["info"]
    with sql_run.session(connect) as connection:
        assert (
            sql_run.evaluate(connection, Value("v", "user", "v", "SELECT name FROM user WHERE id = __id__"), 17)
            == "ivan"
        )
