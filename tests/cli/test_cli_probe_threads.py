"""``probe`` reads in existing conversations and in the hook's log what only people's acts bring there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.world import World
from tests.cli.test_cli_probe import Report, probe
from tests.protocol.calls import Story
from tests.support.commands import CommandWorld

QUOTE = '<div>Спасибо</div><div class="{}">Исходное письмо</div>'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandWorld]:
    with CommandWorld(tmp_path_factory.mktemp("threads"), events=False) as world:
        world.omnidesk.settings.rate_limit = None
        Story(world)
        yield world


@pytest.fixture
def desk(world: CommandWorld) -> Iterator[Any]:
    """The account; what a test writes into the story's case, and each switch, is taken back."""
    model, case = world.omnidesk, next(iter(world.omnidesk.cases))
    thread, switches = dict(model.threads[case]), dict(model.settings.__dict__)
    yield model
    model.threads[case].clear()
    model.threads[case].update(thread)
    model.settings.__dict__.update(switches)
    for one in model.staff.values():
        one.signature = ""


def found(world: World, key: str) -> tuple[str, str]:
    report: Report = probe(world)
    return report.verdicts[key], report.found[key]


# Types of messages


@pytest.mark.parametrize(("type", "verdict"), [("reply", "as assumed"), ("answer", "differs")])
def test_of_what_type_replies_are(world: CommandWorld, desk: Any, type: str, verdict: str) -> None:
    desk.settings.reply_type = type
    desk.agent_reply(next(iter(desk.cases)), world.vera_staff, text="Из интерфейса")
    got, words = found(world, "desk.kinds")
    assert got == verdict and f"staff {type}_staff " in words and f"user {type}_user " in words


def test_records_that_nobody_wrote_are_told_apart(world: CommandWorld, desk: Any) -> None:
    case = next(iter(desk.cases))
    desk.settings.system_messages = True
    desk.agent_reply(case, world.vera_staff, text="Готово", status="closed")
    got, words = found(world, "desk.kinds")
    assert got == "as assumed" and "— system " in words


# Quotes and requests to rate


@pytest.mark.parametrize(
    ("html", "verdict"),
    [
        (QUOTE.format("omni_orig_reply"), "as assumed"),
        pytest.param(QUOTE.format("x big omni_orig_reply y"), "as assumed", marks=pytest.mark.thorough),
        pytest.param(QUOTE.format("desk_quote"), "differs", marks=pytest.mark.thorough),
        ("<p>Спасибо</p><blockquote>Исходное</blockquote>", "differs"),
        ("<p>Спасибо</p>", "not settled"),
    ],
)
def test_how_an_original_is_marked(world: CommandWorld, desk: Any, html: str, verdict: str) -> None:
    desk.agent_reply(next(iter(desk.cases)), world.vera_staff, html=html)
    assert found(world, "desk.quotes")[0] == verdict


@pytest.mark.parametrize(
    ("path", "signature", "verdict"),
    [
        ("rate/11/5?key=abc", "", "as assumed"),
        pytest.param("a/b?rating=5", "", "as assumed", marks=pytest.mark.thorough),
        ("quality/77/abc", "", "differs"),
        ("", "С уважением {rating_block}", "as assumed"),
        ("", "С уважением [csat_block]", "differs"),
        ("", "С уважением", "not settled"),
    ],
)
def test_how_a_request_to_rate_looks(world: CommandWorld, desk: Any, path: str, signature: str, verdict: str) -> None:
    case = next(iter(desk.cases))
    link = f'<a href="{desk.base_url}/{path}">Оцените ответ</a>' if path else ""
    for text in ("раз", "два", "три"):
        desk.agent_reply(case, world.vera_staff, html=f"<p>{text}</p>{link}")
    desk.staff[world.vera_staff].signature = signature
    got, words = found(world, "desk.rating_block")
    assert got == verdict, words
    assert "abc" not in words and "quality" not in words


def test_a_link_to_one_page_of_the_account_is_no_request(world: CommandWorld, desk: Any) -> None:
    case = next(iter(desk.cases))
    desk.agent_reply(case, world.vera_staff, html=f'<a href="{desk.base_url}/knowledge_base/item/5">Статья</a>')
    desk.agent_reply(case, world.vera_staff, html="<p>Другое</p>")
    assert found(world, "desk.rating_block")[0] == "not settled"


# Merged cases


@pytest.mark.parametrize(("shows", "verdict"), [(True, "as assumed"), (False, "differs")])
def test_whether_merged_cases_name_the_other(tmp_path: Path, shows: bool, verdict: str) -> None:
    with CommandWorld(tmp_path, events=False, webhooks=False) as world:
        story = Story(world)
        second = world.panel.client_creates_ticket(story.user, "Второй", "Ещё вопрос")
        world.sync()
        assert second
        assert found(world, "desk.merged")[0] == "not settled"
        other = max(world.omnidesk.cases)
        world.omnidesk.merge(other, story.case, world.vera_staff)
        world.omnidesk.settings.merged_shows_parent = shows
        got, words = found(world, "desk.merged")
    assert got == verdict, words


# The module's own functions


def test_whether_the_panel_shows_what_a_handler_changes(world: CommandWorld) -> None:
    as_it_is = probe(world, "--no-omnidesk")
    world.panel.options.shows_changes = False
    without = probe(world, "--no-omnidesk")
    world.panel.options.shows_changes = True
    assert [one.verdicts["panel.title"] for one in (as_it_is, without)] == ["as assumed", "differs"]
    assert [one.verdicts["panel.forms"] for one in (as_it_is, without)] == ["as assumed"] * 2


def test_a_panel_that_does_not_know_the_modules_functions(world: CommandWorld) -> None:
    plugin = world.root / "etc/xml/billmgr_mod_omnidesk.xml"
    text = plugin.read_text(encoding="utf-8")
    plugin.write_text(text.replace('<func name="omnidesk.queue"/>', ""), encoding="utf-8")
    report = probe(world, "--no-omnidesk")
    plugin.write_text(text, encoding="utf-8")
    assert report.verdicts["panel.forms"] == "differs"
    assert report.verdicts["panel.title"] == "not settled"


# Webhooks, by the log


@pytest.fixture
def webhook_log(world: CommandWorld) -> Iterator[Path]:
    log = world.root / "var" / "omnidesk_webhook.log"
    kept = log.read_bytes() if log.exists() else b""
    log.unlink(missing_ok=True)
    yield log
    log.write_bytes(kept)


def test_no_webhook_has_come(world: CommandWorld, webhook_log: Path) -> None:
    report = probe(world, "--no-omnidesk")
    keys = ("host.webhooks", "host.rule_webhooks", "host.webhook_tests")
    assert [report.verdicts[key] for key in keys] == ["not settled"] * 3


@pytest.mark.parametrize(("encoding", "words"), [("form", "received: form 1"), ("json", "received: JSON 1")])
def test_how_the_channels_webhook_comes(
    world: CommandWorld, desk: Any, webhook_log: Path, encoding: str, words: str
) -> None:
    desk.settings.webhook_encoding = encoding
    desk.agent_reply(next(iter(desk.cases)), world.vera_staff, text="Ответ")
    assert world.omnidesk.webhooks.wait_idle(30)
    report = probe(world, "--no-omnidesk")
    assert (report.verdicts["host.webhooks"], report.found["host.webhooks"]) == ("as assumed", words)
    assert report.verdicts["host.rule_webhooks"] == "not settled"


RULES = [
    ("POST", b"case_id=5", "application/x-www-form-urlencoded", "host.rule_webhooks", "as assumed",
     "received: form case_id 1"),
    ("POST", b'{"case_number":"237-696853"}', "text/plain", "host.rule_webhooks", "as assumed",
     "received: JSON case_number 1"),
    ("POST", b"type=test", "", "host.webhook_tests", "as assumed", "answered 200: form 1; refused: —"),
    ("GET", b"", "", "host.webhook_tests", "differs", "answered 200: —; refused: 405 1"),
    ("POST", b'{"case_id": "x', "application/json", "host.webhook_tests", "differs",
     "answered 200: —; refused: 400 1"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "body", "type", "key", "verdict", "words"), RULES)
def test_other_calls_of_the_webhook(
    world: CommandWorld, webhook_log: Path, method: str, body: bytes, type: str, key: str, verdict: str, words: str
) -> None:
    address = world.panel_server.cgi_url("omnidesk_webhook", world.secret)
    requests.request(method, address, data=body, headers={"Content-Type": type}, timeout=60)
    report = probe(world, "--no-omnidesk")
    assert (report.verdicts[key], report.found[key]) == (verdict, words)
