"""What ``check_connection`` and ``status`` say of the routing table and of its channels."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from omnidesk.core.settings import Secret
from omnidesk.health import check_connection, overview
from omnidesk.wording.screen import Screen
from tests.support.workshop import SECRET, Workshop

HOOK = "https://panel.example/mancgi/omnidesk_webhook?"


def write(workshop: Workshop, *rows: Any) -> None:
    Path(workshop.paths.routing).write_text(json.dumps(rows), encoding="utf-8")


def found(workshop: Workshop, *topics: str) -> list[tuple[str, str, str]]:
    """(level, topic, words) of the findings about these."""
    Path(workshop.paths.settings).touch(mode=0o600)
    findings = check_connection.check(workshop.context)
    return [(one.level, one.topic, str(one.said)) for one in findings if one.topic.startswith(topics)]


def test_without_a_table_nothing_is_said(workshop: Workshop) -> None:
    assert found(workshop, "routing", "further") == []


def test_each_name_and_each_row_that_never_counts_is_said(workshop: Workshop) -> None:
    write(
        workshop,
        {"department": "Отдел оплаты", "group": "Support"},
        {"department": "Нет", "group": "Support"},
        {"department": "Отдел оплаты", "group": "Support", "labels": "нет"},
        {"priority": "urgent"},
    )
    said = found(workshop, "routing")
    assert [(level, words.partition(", ")[2][:40]) for level, _, words in said] == [
        ("error", "row 2: BILLmanager has no department “Не"),
        ("error", "row 3: Omnidesk has no label “нет”."),
        ("error", "row 4: priority “urgent” is not low, nor"),
        ("warning", "row 3: row 1 already has all tickets of "),
    ]
    lines = overview.facts(overview.look(workshop.context), Screen("en"))
    assert next(words for name, words, _ in lines if name == "routing").startswith("row 2: BILLmanager has no")


def test_a_table_that_is_right_is_one_line(workshop: Workshop) -> None:
    write(workshop, {"group": "Support"}, {"priority": "low"})
    assert ("ok", "routing", "Routes: 2.") in found(workshop, "routing")


@pytest.mark.parametrize(
    ("url", "level"), [(HOOK + "brand-secret", "ok"), (HOOK + SECRET, "error"), ("https://elsewhere.example/", "error")]
)
def test_a_further_channel_has_its_own_secret(workshop: Workshop, url: str, level: str) -> None:
    brand = workshop.desk.add_channel("Brand", url)
    workshop.context.settings = dataclasses.replace(
        workshop.settings, channel_secrets=((brand.key, Secret("brand-secret")),)
    )
    write(workshop, {"project": "Provider", "channel": "Brand"})
    ((here, topic, words),) = found(workshop, "further")
    assert (here, topic) == (level, f"further {brand.key}")
    assert "brand-secret" not in words


def test_a_broken_file_is_an_error(workshop: Workshop) -> None:
    Path(workshop.paths.routing).write_text("{", encoding="utf-8")
    ((level, _, words),) = found(workshop, "routing")
    assert level == "error" and "routing.json" in words
