"""Files, tables, columns, modules, error types and other words of the code that pages name exist, and the reverse."""

from __future__ import annotations

import re

import pytest

from omnidesk.cli import run
from omnidesk.core.paths import Paths
from omnidesk.core.settings import SETTINGS
from omnidesk.store import schema
from omnidesk.wording.about_texts import TRIAL as TRIAL_ROWS
from omnidesk.wording.error_texts import TEXTS
from omnidesk.wording.field_texts import TEXTS as FIELD_TEXTS
from panel_files import CATALOGUE, MANIFEST, SHARED, VENV_LINK, shipped_files
from panel_files import SETTINGS as SETTINGS_FILE
from sandbox.billmanager.panel import PanelOptions, SchemaOptions
from sandbox.omnidesk.settings import Settings as Switches
from tests.docs.pages import PAGES, README, README_RU, REPOSITORY, Page, of_every_page, page, rows, tidy

ARCHITECTURE = page("docs/architecture.md")
TABLES = page("docs/tables.md")
UNVERIFIED = page("docs/unverified.md")
PACKAGE = REPOSITORY / "lib/omnidesk"
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py"
}
# What the panel has itself, or what is made on a panel.
PANEL_FILES = {
    "etc/billmgr.conf.d/db.conf",
    "etc/billmgr.conf",
    "etc/debug.conf",
    "etc/my.cnf",
    "sbin/mgrctl",
    "var/billmgr.log",
}
MADE_FILES = {
    "lib/omnidesk-venv",
    "lib/omnidesk-venv.HASH",
    "etc/omnidesk/omnidesk.conf",
    "etc/omnidesk/custom_fields.json",
}
OURS = r"(?:lib|sandbox|tests|docs|etc|scripts|processing|cgi|addon|packaging|bench|var)/[\w./-]+"


def table_rows(heading: str) -> list[list[str]]:
    return rows(TABLES.section(heading))


def columns() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    steps = [one for migration in schema.MIGRATIONS for one in migration if not isinstance(one, schema.Key)]
    for statement in (one if isinstance(one, str) else one.sql() for one in steps):
        made = re.match(r"CREATE TABLE (\w+)", statement) or re.match(r"ALTER TABLE (\w+)", statement)
        assert made, statement[:60]
        lines = re.findall(r"^ +(?:ADD COLUMN )?([a-z_]+) [A-Z]", statement, re.MULTILINE)
        lines += re.findall(r"ADD (?:COLUMN )?([a-z_]+) [A-Z]", statement)
        found.setdefault(made[1], []).extend(dict.fromkeys(lines))
    return {name: list(dict.fromkeys(some)) for name, some in found.items()}


def test_modules_named_exist() -> None:
    """The page of the packages names modules below lib/omnidesk, and all packages."""
    named = re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", ARCHITECTURE.text)
    assert len(named) > 30
    assert [name for name in named if not (PACKAGE / name).exists() and not (REPOSITORY / name).exists()] == []
    packages = {tidy(row[0]) for row in rows(ARCHITECTURE.section("The packages"))}
    tracked = [path for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    assert packages == {path.stem for path in tracked} - {"__init__"}


@pytest.mark.parametrize("table", schema.TABLES)
def test_every_column_has_its_meaning(table: str) -> None:
    assert sorted(tidy(row[0]) for row in table_rows(table)) == sorted(columns()[table])


@pytest.mark.parametrize(("one", "heading"), [(README, "Components"), (README_RU, "Компоненты")],
                         ids=lambda one: getattr(one, "name", ""))  # fmt: skip
def test_the_readmes_list_what_is_installed(one: Page, heading: str) -> None:
    """The tables, and every file below the panel's root or the folder that holds it."""
    section = one.section(heading)
    named = set(re.findall(r"`([^`\n]+)`", section))
    assert set(schema.TABLES) <= named
    outside = ["/etc/cron.d/omnidesk", "/etc/logrotate.d/omnidesk", *(f"/usr/local/share/{one}" for _, one in SHARED)]
    inside = [*(path for path, _ in shipped_files()), CATALOGUE, VENV_LINK, MANIFEST, SETTINGS_FILE]
    for path in (*inside, *outside):
        assert any(path == name or path.startswith(name.rstrip("/") + "/") for name in named), path


def test_names_of_stored_values_are_those_of_the_code() -> None:
    """Every name the code writes into the state table is explained, and no other."""
    text = TABLES.section("omnidesk_state").split("Names: ")[1]
    told = {name.partition(":")[0] for name in re.findall(r"`([\w:]+)`", text)}
    code = "\n".join(path.read_text(encoding="utf-8") for path in MODULES.values())
    written = set(re.findall(r'state\.(?:put|get|remove|age|put_once)\(\s*f?"(\w+)', code))
    written |= set(re.findall(r'self\.(?:put|remove)\(\s*f?"(\w+)', code)) | {"schema_version", "account"}
    assert written <= told | {"paused"}
    assert all(f'"{name}' in code or f"'{name}" in code or f"{name}_done" in code or "_done" in name for name in told)


@of_every_page
def test_files_named_exist(one: Page) -> None:
    """In the sources, on a panel, or made by the module."""
    made = {path.removeprefix("/mgr5/") for path in vars(Paths("/mgr5")).values()} | MADE_FILES | PANEL_FILES
    for name in {found for words in one.code for found in re.findall(rf"(?:^|(?<=[ (/])){OURS}", words)}:
        plain = name.strip("/.")
        if plain.startswith(("etc/cron.d", "etc/logrotate.d")) or "/mgr5/" in name:
            continue
        exists = (REPOSITORY / plain).exists() or plain in made or any(path.startswith(plain + "/") for path in made)
        assert exists or plain in ("cgi/dump", "etc/xml"), f"{one.name}: {name}"


def test_the_files_an_administrator_meets_are_told() -> None:
    """Settings, logs, spool and locks: everything of Paths that people may look at."""
    paths = Paths("")
    text = "\n".join(one.text for one in PAGES)
    for path in (
        paths.settings, paths.field_links, paths.catalogue, paths.spool, paths.wake_pipe, paths.worker_lock,
        paths.ticket_locks, paths.rate_state, paths.log, paths.webhook_log, paths.panel_log, paths.debug_conf,
    ):  # fmt: skip
        assert path.strip("/") in text, path


@pytest.mark.parametrize("one", [README, README_RU, page("docs/errors.md"), page("docs/errors.ru.md")],
                         ids=lambda one: one.name)  # fmt: skip
def test_snake_case_words_are_known(one: Page) -> None:
    """An error type, a command, a table: a word that is nothing of these any more was renamed."""
    known = {*TEXTS, *FIELD_TEXTS, *run.COMMANDS, *schema.TABLES, "client_id", "cf_25"}
    for words in one.code:
        if re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+", words):
            assert words in known, words


def test_every_error_type_is_in_both_languages() -> None:
    for name, heading in (("docs/errors.md", "Failures"), ("docs/errors.ru.md", "Ошибки модуля")):
        assert [tidy(row[0]) for row in rows(page(name).section(heading))] == list(TEXTS)


def test_error_types_raised_have_texts() -> None:
    """What the code raises by a literal name is in the table, and what is in the table is raised somewhere."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in MODULES.values())
    raised = set(re.findall(r'(?:Failure|Misconfigured|Paused|TryLater|Refused|Gone|_blocking)\(\s*"(\w+)"', code))
    assert raised <= set(TEXTS)
    for name in TEXTS:
        assert len(re.findall(rf'"{name}"', code)) >= 2, f"{name} is never raised"


def test_rows_of_what_is_unverified_are_whole() -> None:
    """Assumption, consequence, place, command, what to change; places exist (the test above), switches too."""
    found = rows(UNVERIFIED.text)
    assert len(found) > 80
    for row in found:
        assert len(row) == 5, row
        assert all(row), row
        assert re.search(rf"`{OURS}`", row[2]), row[2]
    assert len({row[0] for row in found}) == len(found)
    switches = {
        name
        for row in found
        for names in re.findall(r"switch(?:es)? ((?:`\w+`(?:, )?)+)", row[0])
        for name in re.findall(r"`(\w+)`", names)
    }
    assert len(switches) > 15
    assert switches <= {name for one in (Switches, PanelOptions, SchemaOptions) for name in one.__dataclass_fields__}


def test_the_numbers_of_rows_are_right() -> None:
    """By group, and by how they are settled; at most ten need a person."""
    found = rows(UNVERIFIED.text)
    probe, trial = "`pmomnidesk probe`: ", "`pmomnidesk probe --trial`: "
    by = {
        "- `pmomnidesk probe`: {} rows": sum(probe in row[3] for row in found),
        "for tests: {} rows": sum(trial in row[3] for row in found),
        "({} of them by both)": sum(probe in row[3] and trial in row[3] for row in found),
        "- a command alone, on a test account: {} rows": sum(
            not re.search(r"`pmomnidesk probe|\*\*By ", row[3]) for row in found
        ),
        "then a command tells: {} rows": sum(row[3].startswith("**By hand:**") for row in found),
        "whether it is right: {} rows": sum(row[3].startswith("**By eye:**") for row in found),
    }
    text = " ".join(UNVERIFIED.text.split())
    assert [words for words, number in by.items() if words.format(number) not in text] == [], by
    assert sum("**By " in row[3] for row in found) <= 10
    for number in "1234":
        heading = next(words for _, words in UNVERIFIED.headings if words.startswith(f"{number}. "))
        said = re.search(rf"\[Group {number}\]\([^)]*\), (\d+) rows", UNVERIFIED.text)
        assert said and int(said[1]) == len(rows(UNVERIFIED.section(heading))), heading
    first = next(words for _, words in UNVERIFIED.headings if words.startswith("1. "))
    answered = sum("`pmomnidesk probe" in row[3] for row in rows(UNVERIFIED.section(first)))
    assert f"the two commands answer {answered} of its {len(rows(UNVERIFIED.section(first)))} rows" in text


def test_what_a_trial_settles_is_a_step_of_it() -> None:
    named = set(re.findall(r"`pmomnidesk probe --trial`: `([\w.]+)`", UNVERIFIED.text))
    assert len(named) > 8
    assert named <= set(TRIAL_ROWS)


def test_what_is_to_be_changed_is_in_the_files_named() -> None:
    """A function or constant of the last column stands in one of the row's files, or is a setting."""
    for row in rows(UNVERIFIED.text):
        named = re.findall(rf"`({OURS})`", row[2])
        code = "\n".join((REPOSITORY / one).read_text(encoding="utf-8") for one in named)
        for word in re.findall(r"`(?:\w+\.)?(\w+)`", re.sub(r"`[\w/.]+\.(?:py|xml)`", "", row[4])):
            assert word in SETTINGS or re.search(rf"\b{word}\b", code), f"{word}: {row[2]}"
