"""All SQL on the panel's tables is in ``billmanager``: a column that is called otherwise is one change there."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from omnidesk.core import tables
from omnidesk.probe.database import EXPECTED, MONEY, SERVICES

LIB = Path(__file__).resolve().parents[2] / "lib" / "omnidesk"
PANEL = {*EXPECTED, *SERVICES, *MONEY, "department", "ticket_message_file"}
OWN: dict[str, str] = {name: value for name, value in vars(tables).items() if name.isupper()}
# custom_fields runs statements of administrators; schema.py makes the module's own tables.
ELSEWHERE = ("custom_fields/", "store/schema.py")
# What stands for the module's own tables there, by another name than that in core.tables.
OWN_ALIASES = {"panel_ui/queue_rows.py": {"table", "_ALONE"}}
_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+`?(?P<table>[a-z]\w*|\{[^}]*\})")


def strings(tree: ast.AST) -> Iterator[str]:
    """All strings as written, with the own tables' names in place of their constants."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(_part(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    source = ast.unparse(part.value)
    return OWN.get(source.removeprefix("tables."), f"{{{source}}}")


def tables_read(source: str, aliases: Collection[str] = ()) -> set[str]:
    """The panel's tables in a module's statements, and the names of variables that could stand for one."""
    known = {f"{{{alias}}}" for alias in aliases}
    found = {match["table"] for text in strings(ast.parse(source)) for match in _TABLE.finditer(text)}
    return {one for one in found if one in PANEL or (one.startswith("{") and one not in known)}


def modules() -> list[str]:
    """The modules whose statements are looked at."""
    paths = (path.relative_to(LIB).as_posix() for path in sorted(LIB.rglob("*.py")))
    return [path for path in paths if not path.startswith(("billmanager/", *ELSEWHERE))]


def test_no_other_package_reads_the_panels_tables() -> None:
    found = {path: tables_read((LIB / path).read_text(), OWN_ALIASES.get(path, set())) for path in modules()}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_panels_statements_are_recognised() -> None:
    """In billmanager, where they are: a search that finds nothing anywhere would prove nothing."""
    found = {path.name for path in (LIB / "billmanager").glob("*.py") if tables_read(path.read_text()) & PANEL}
    assert {"changes.py", "history.py", "linked_rows.py", "inspection.py", "reader.py", "samples.py"} <= found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("db.row('SELECT id FROM ticket')", {"ticket"}),
        ("db.row('SELECT 1 FROM x '\n'JOIN user u ON 1')", {"user"}),
        ("db.row(f'SELECT 1 FROM {MESSAGES} l JOIN `ticket_message` m')", {"ticket_message"}),
        ("db.row(f'SELECT id FROM {table}')", {"{table}"}),
        ("db.write('INSERT INTO account VALUES (1)')", {"account"}),
        ("db.row(f'SELECT 1 FROM {MESSAGES} l JOIN {tables.TICKETS} k')", set()),
        ("text = 'it came from ticket 5'", set()),
        ("db.row('SELECT 1 FROM information_schema.tables')", set()),
    ],
)
def test_what_is_taken_for_a_statement(source: str, found: set[str]) -> None:
    assert tables_read(source) == found


_CATALOGUE = re.compile(r"SELECT (?P<columns>(?:(?! FROM ).)*) FROM\s+information_schema\.", re.DOTALL)


def unnamed(source: str) -> list[str]:
    """Columns of the server's catalogue that a statement reads under their own names."""
    texts = [text for text in strings(ast.parse(source)) if "information_schema." in text]
    lists = [match["columns"] for text in texts for match in _CATALOGUE.finditer(text)]
    return [column.strip() for columns in lists for column in columns.split(",") if " AS " not in column]


def test_each_column_of_the_catalogue_has_a_name_of_ours() -> None:
    """MySQL 8 returns ``EXTRA`` for ``extra``, MariaDB and MySQL 5.7 what the statement says."""
    assert unnamed('sql = "SELECT a AS b, extra FROM information_schema.columns"') == ["extra"]
    found = {path: unnamed(path.read_text()) for path in sorted(LIB.rglob("*.py"))}
    assert {path.name: columns for path, columns in found.items() if columns} == {}
