"""Webhooks of the simulated Omnidesk: what is told, how, and what can go wrong on the way."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from sandbox.omnidesk import Omnidesk, OmnideskServer
from sandbox.omnidesk.adapter import session
from sandbox.omnidesk.bodies import query

SECRET = "/mancgi/omnidesk_webhook?s3cret"


@pytest.fixture
def desk() -> Omnidesk:
    found = Omnidesk()
    found.add_channel(webhook_url=f"http://panel.example{SECRET}")
    return found


@pytest.fixture
def case_id(desk: Omnidesk) -> int:
    given = {"user_custom_id": "17", "channel": "cch101", "subject": "S", "content": "T"}
    found: int = session(desk).post("/api/cases.json", json={"case": given}).json()["case"]["case_id"]
    return found


class Receiver:
    """Takes webhooks by hand."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> int:
        self.got.append((url, headers, body))
        return self.statuses.pop(0) if self.statuses else 200

    @property
    def ids(self) -> list[int]:
        return [int(query(body.decode())["object"]["message_id"]) for _, _, body in self.got]


def delivered(desk: Omnidesk) -> Receiver:
    receiver = Receiver()
    desk.webhooks.deliver(receiver)
    return receiver


def test_a_reply_goes_to_the_exact_address_as_a_php_form(desk: Omnidesk, case_id: int) -> None:
    message = desk.agent_reply(
        case_id, html="<p>Help is coming! &lt;3</p>", attachments=[("a.txt", "text/plain", b"1")]
    )
    (url, headers, body) = delivered(desk).got[0]
    assert url == f"http://panel.example{SECRET}"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    told = query(body.decode())
    assert told["type"] == "message_new"
    assert {key: value for key, value in told["object"].items() if key != "attachments"} == {
        "message_id": str(message.message_id),
        "case_id": str(case_id),
        "staff_id": str(desk.integration.staff_id),
        "user_id": str(desk.cases[case_id].user_id),
        "custom_user_id": "17",
        "content": "Help is coming! <3",
        "note": "0",
        "sent_via_rule": "0",
    }
    assert told["object"]["attachments"]["0"]["url"].startswith(desk.base_url)


def test_json_is_a_switch_and_a_file_alone_has_no_content(desk: Omnidesk, case_id: int) -> None:
    desk.settings.webhook_encoding = "json"
    desk.agent_reply(case_id, attachments=[("a.txt", "text/plain", b"1")])
    told: dict[str, Any] = json.loads(delivered(desk).got[0][2])
    assert "content" not in told["object"]
    assert told["object"]["note"] == 0


def test_client_messages_statuses_and_other_channels_are_not_told(desk: Omnidesk, case_id: int) -> None:
    desk.client_message(case_id, "by mail")
    desk.set_status(case_id, "closed")
    desk.agent_reply(desk.client_case("a@example.com", "Mail", "Hi").case_id, text="x")
    assert desk.webhook_log == []


def test_echo_of_api_replies_and_notes_are_switches(desk: Omnidesk, case_id: int) -> None:
    api = session(desk)

    def write() -> None:
        api.post(f"/api/cases/{case_id}/messages.json", json={"message": {"content": "reply"}})
        api.post(f"/api/cases/{case_id}/note.json", json={"note": {"content": "note"}})

    write()
    assert [hook.note for hook in desk.webhook_log] == [False, True]
    desk.settings.webhook_echo_api = False
    write()
    desk.agent_note(case_id, text="note")
    assert len(desk.webhook_log) == 3
    desk.settings.webhook_notes = False
    desk.agent_note(case_id, text="note")
    assert len(desk.webhook_log) == 3


def test_webhooks_are_lost_doubled_held_and_reordered(desk: Omnidesk, case_id: int) -> None:
    faults = desk.webhooks.faults
    faults.lose_next, faults.double_next = 1, 1
    lost, doubled, plain = (desk.agent_reply(case_id, text=str(at)).message_id for at in range(3))
    assert delivered(desk).ids == [doubled, doubled, plain]
    assert [(hook.message_id, hook.outcome) for hook in desk.webhook_log[:2]] == [
        (lost, "lost"),
        (doubled, "delivered"),
    ]
    desk.webhooks.hold()
    late = [desk.agent_reply(case_id, text=str(at)).message_id for at in range(3)]
    assert delivered(desk).ids == []
    assert desk.webhooks.pending() == 3
    desk.webhooks.release("reversed")
    assert delivered(desk).ids == late[::-1]


def test_chances_are_repeatable(desk: Omnidesk, case_id: int) -> None:
    seen = []
    for _ in range(2):
        desk.webhooks.faults.seed(3)
        desk.webhooks.faults.lose_chance = desk.webhooks.faults.double_chance = 0.3
        first = desk.agent_reply(case_id, text="0").message_id
        for _ in range(19):
            desk.agent_reply(case_id, text="x")
        seen.append([message_id - first for message_id in delivered(desk).ids])
    assert seen[0] == seen[1]
    assert len(set(seen[0])) < 20 and len(seen[0]) > len(set(seen[0]))


def test_a_refused_webhook_is_tried_again_only_by_switch(desk: Omnidesk, case_id: int) -> None:
    desk.agent_reply(case_id, text="x")
    desk.webhooks.deliver(Receiver(503))
    assert (desk.webhook_log[0].outcome, desk.webhook_log[0].attempts) == ("refused", [503])
    desk.agent_reply(case_id, text="y")
    desk.webhooks.deliver(Receiver(503, 500), retries=2)
    assert (desk.webhook_log[1].outcome, desk.webhook_log[1].attempts) == ("delivered", [503, 500, 200])


def test_a_test_call_has_no_object_and_a_rule_only_what_its_author_chose(desk: Omnidesk, case_id: int) -> None:
    desk.webhooks.test(desk.channels[101])
    assert delivered(desk).got[0][2] == b"type=test"
    desk.settings.rule_webhook_url = "http://panel.example/rule"
    desk.set_status(case_id, "waiting")
    told = query(delivered(desk).got[0][2].decode())
    assert (told["case_id"], "object" in told) == (str(case_id), False)


def test_the_account_fetches_attachment_urls(desk: Omnidesk, case_id: int) -> None:
    from sandbox.omnidesk import Upload

    given = {"message": {"content": "x", "attachment_urls": ["https://panel.example/a.pdf"]}}
    path = f"/api/cases/{case_id}/messages.json"
    assert session(desk).post(path, json=given).status_code == 400
    desk.fetch_url = lambda url: Upload(url.rpartition("/")[2], "application/pdf", b"%PDF")
    assert session(desk).post(path, json=given).json()["message"]["attachments"][0]["file_name"] == "a.pdf"


@pytest.fixture
def panel() -> Iterator[tuple[str, queue.Queue[tuple[str, bytes]]]]:
    got: queue.Queue[tuple[str, bytes]] = queue.Queue()

    class Panel(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.put((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listener = HTTPServer(("127.0.0.1", 0), Panel)
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.server_address[1]}", got
    listener.shutdown()
    listener.server_close()
    thread.join()


def test_the_server_delivers_with_the_bare_query_string(
    desk: Omnidesk, case_id: int, panel: tuple[str, queue.Queue[tuple[str, bytes]]]
) -> None:
    address, got = panel
    desk.channels[101].webhook_url = f"{address}{SECRET}"
    with OmnideskServer(desk):
        message = desk.agent_reply(case_id, text="x")
        path, body = got.get(timeout=60)
        assert path == SECRET
        assert query(body.decode())["object"]["message_id"] == str(message.message_id)
        assert desk.webhooks.wait_idle(30)
        desk.channels[101].webhook_url = "http://127.0.0.1:9/closed"
        desk.agent_reply(case_id, text="y")
        assert desk.webhooks.wait_idle(30)
    assert [hook.outcome for hook in desk.webhook_log] == ["delivered", "failed"]
    assert "Refused" in desk.webhook_log[1].problems[0]
