"""Settings as the pages and the example tell them are those of the code."""

from __future__ import annotations

import re

import pytest

from omnidesk.core import settings
from tests.docs.pages import README, README_RU, REPOSITORY, Page, of_every_page, page, rows, tidy

LISTS = [
    (page("docs/settings.md"), "Required", "Optional"),
    (page("docs/settings.ru.md"), "Обязательные", "Необязательные"),
]
NOT_SET = ("not set", "не задано")
EMPTY: tuple[object, ...] = ("", (), settings.Secret(""))
# Names of other programs in the same style.
FOREIGN = {"DBHost", "DBSocket", "DBUser", "DBPassword", "DBName"}
CLASSES = {"Misconfigured", "Paused", "TryLater", "Refused", "Gone"}


def plain() -> settings.Settings:
    """Only what is required."""
    values = ("https://a.omnidesk.ru", "a@example.com", "key", "cch1", "secret-secret")
    lines = zip(settings.REQUIRED, values, strict=True)
    return settings.parse("\n".join(f"{name} {value}" for name, value in lines))


@pytest.mark.parametrize(("one", "required", "optional"), LISTS, ids=lambda one: getattr(one, "name", ""))
def test_every_setting_is_listed(one: Page, required: str, optional: str) -> None:
    """All of them, no other, in the order of the code."""
    first = [tidy(row[0]) for row in rows(one.section(required))]
    assert first == list(settings.REQUIRED)
    assert first + [tidy(row[0]) for row in rows(one.section(optional))] == list(settings.SETTINGS)


@pytest.mark.parametrize(("one", "required", "optional"), LISTS, ids=lambda one: getattr(one, "name", ""))
def test_defaults_are_true(one: Page, required: str, optional: str) -> None:
    for name, default, *_ in rows(one.section(optional)):
        attribute, read = settings.SETTINGS[tidy(name)]
        value = getattr(plain(), attribute)
        if default in NOT_SET:
            assert value in EMPTY, name
        else:
            assert read(tidy(default)) == value, name


@pytest.mark.parametrize(("one", "required", "optional"), LISTS, ids=lambda one: getattr(one, "name", ""))
def test_ranges_are_true(one: Page, required: str, optional: str) -> None:
    """The ends are taken, what lies beyond is not."""
    found = 0
    for name, _, values, _ in rows(one.section(optional)):
        given = re.fullmatch(r"(?:от )?(\d+) (?:to|до) (\d+)", values)
        if not given:
            continue
        found += 1
        _, read = settings.SETTINGS[tidy(name)]
        low, high = int(given[1]), int(given[2])
        assert (read(str(low)), read(str(high))) == (low, high)
        for beyond in (low - 1, high + 1):
            with pytest.raises(ValueError, match="expected"):
                read(str(beyond))
    assert found == 10


@pytest.mark.parametrize("one", [README, README_RU], ids=lambda one: one.name)
def test_the_readmes_short_list(one: Page) -> None:
    for name, default, _ in rows(one.section("Settings" if one is README else "Настройки")):
        attribute, read = settings.SETTINGS[tidy(name)]
        value = getattr(plain(), attribute)
        if default.startswith("`") and tidy(default) not in settings.SETTINGS:
            assert read(tidy(default)) == value, name
        else:
            assert value in EMPTY, name


@of_every_page
def test_settings_named_anywhere_exist(one: Page) -> None:
    """Names in the settings' style that are none were renamed or removed."""
    if one.name == "CHANGELOG.md":
        return
    shaped = {words for words in one.code if re.fullmatch(r"(?:[A-Z][a-z]+){2,}(?:Url|DB\w+)?|DB[A-Z]\w+", words)}
    code = "\n".join(path.read_text(encoding="utf-8") for path in REPOSITORY.glob("lib/omnidesk/**/*.py"))
    unknown = {name for name in shaped - set(settings.SETTINGS) - FOREIGN - CLASSES if f"class {name}" not in code}
    assert not unknown


def test_the_example_agrees_with_the_pages() -> None:
    """The example lists the settings in the pages' order, the required ones without a comment sign."""
    example = (REPOSITORY / "etc/omnidesk/omnidesk.conf.example").read_text(encoding="utf-8")
    names = re.findall(r"^(#?)([A-Z]\w+)(?: .*)?$", example, re.MULTILINE)
    found = [name for _, name in names if name in settings.SETTINGS]
    assert found == list(settings.SETTINGS)
    assert [name for sign, name in names if not sign] == list(settings.REQUIRED)


def test_each_setting_has_an_effect() -> None:
    """A setting that nothing reads is a promise that is not kept."""
    sources = [path for path in REPOSITORY.glob("lib/omnidesk/**/*.py") if path.name != "settings.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    read_by_methods = {"rating_map": "rating_level", "fallback_employee": "replying_employee"}
    for attribute, _ in settings.SETTINGS.values():
        assert f".{read_by_methods.get(attribute, attribute)}" in code, attribute
