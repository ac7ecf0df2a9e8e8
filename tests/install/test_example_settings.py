"""etc/omnidesk/omnidesk.conf.example: complete, correct, and telling the true defaults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omnidesk.core import settings
from omnidesk.core.errors import Misconfigured

EXAMPLE = (Path(__file__).resolve().parents[2] / "etc/omnidesk/omnidesk.conf.example").read_text(encoding="utf-8")
EXAMPLES = {  # shown with a value, without one by default
    "PublicUrl", "RatingColumn", "Departments", "FallbackEmployee", "AuthorText", "Administrators", "CaseNoteValues",
    "NewTicketDepartment", "OmnideskSecrets", "AlertEmail", "AlertTelegramToken", "AlertTelegramChat", "AlertWebhook",
    "FileStorage",
}  # fmt: skip
FILLED = {
    "OmnideskUrl": "https://acme.omnidesk.ru",
    "OmnideskEmail": "bridge@example.com",
    "OmnideskApiKey": "key",
    "OmnideskChannel": "101",
    "OmnideskSecret": "a-secret-of-ours",
}


def filled(text: str) -> str:
    for name, value in FILLED.items():
        text = re.sub(rf"^{name}$", f"{name} {value}", text, flags=re.M)
    return text


def test_filling_in_the_required_settings_is_enough() -> None:
    found = settings.parse(filled(EXAMPLE))
    assert (found.url, found.channel) == ("https://acme.omnidesk.ru", "cch101")


def test_a_copy_that_nobody_filled_in_names_everything_that_is_missing() -> None:
    with pytest.raises(Misconfigured) as failure:
        settings.parse(EXAMPLE)
    assert all(name in str(failure.value.value) for name in settings.REQUIRED)


def test_it_names_every_setting_and_no_other() -> None:
    assert set(re.findall(r"^#?([A-Z]\w+)(?:  .*)?$", EXAMPLE, re.M)) == set(settings.SETTINGS)


def test_what_it_shows_as_defaults_are_the_defaults() -> None:
    plain = settings.parse(filled(EXAMPLE))
    for name, value in re.findall(r"^#([A-Z]\w+) {2,}(.+)$", EXAMPLE, re.M):
        attribute, read = settings.SETTINGS[name]
        if name not in EXAMPLES:
            assert read(value) == getattr(plain, attribute), name
