"""What mgrctl shows to everybody on the host: its command line holds ids and logins, never what people wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from omnidesk.billmanager.mgrctl import Mgrctl
from omnidesk.billmanager.program import LONGEST_ARGUMENT, Ran, runner
from omnidesk.core.errors import Paused
from sandbox.billmanager.control import install_mgrctl
from sandbox.billmanager.panel import PanelOptions
from sandbox.billmanager.server import PanelServer
from tests.support.workshop import Workshop

MakeWorkshop = Callable[..., Workshop]


def told(workshop: Workshop) -> list[str]:
    """Play what the module writes into tickets, and return the texts of people in it."""
    texts = ["Счёт на 1 590 ₽", "пароль qwerty-7", "заметка: клиент из Твери", "client's own words"]
    ticket = workshop.linked_ticket("Первое сообщение", subject="Тема")
    workshop.agent_replies(ticket, texts[0])
    workshop.agent_replies(ticket, texts[1], workshop.vera_staff)
    workshop.agent_notes(ticket, texts[2])
    workshop.settle()
    workshop.tick()
    workshop.desk.client_message(workshop.case(ticket), texts[3])
    workshop.settle()
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    workshop.assert_equal(ticket)
    return texts


def functions(workshop: Workshop) -> list[str]:
    return [line[2] for line in workshop.command_lines]


def shown(workshop: Workshop) -> str:
    return "\n".join("\0".join(line) for line in workshop.command_lines)


def test_no_command_line_holds_a_ticket_s_text(workshop: Workshop) -> None:
    texts = told(workshop)
    assert {"ticket.edit", "clientticket.edit"} <= set(functions(workshop))
    for text in texts:
        assert not any(word in shown(workshop) for word in text.split() if len(word) > 4)
    assert {part.partition("=")[0] for line in workshop.command_lines for part in line[3:] if part != "-e"} <= {
        "sok", "elid", "plid", "clicked_button", "su", "show_optional", "set_responsible", "set_responsible_default",
        "out", "message", "note_message", "pmomnidesk",
    }  # fmt: skip


def test_where_mgrctl_lacks_the_option_texts_are_delivered_all_the_same(make_workshop: MakeWorkshop) -> None:
    workshop = make_workshop(panel_options=PanelOptions(mgrctl_environment=False))
    told(workshop)
    asked = [one for one in functions(workshop) if one in ("whoami", "paramlist")]
    assert asked == ["whoami"] * 2 + ["paramlist"] * 3, "each way once, and whether the panel answers at all"


@pytest.mark.parametrize("ran", [Ran(1, b"", b"unknown function\n"), Ran(1, b"ERROR missed(func)\n", b"")])
@pytest.mark.parametrize("environment", [True, False])
def test_a_panel_without_the_function_that_is_asked_takes_texts(
    make_workshop: MakeWorkshop, ran: Ran, environment: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = make_workshop(panel_options=PanelOptions(mgrctl_environment=environment))
    real = workshop._mgrctl

    def lacking(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        return ran if arguments[2] == "whoami" else real(arguments, variables, timeout)

    monkeypatch.setattr(workshop, "_mgrctl", lacking)
    workshop.restart()
    texts = told(workshop)
    assert any(text in shown(workshop) for text in texts) is not environment


def test_mgrctl_is_asked_once_and_remembered_by_later_processes(workshop: Workshop) -> None:
    told(workshop)
    workshop.restart()
    told(workshop)
    assert functions(workshop).count("whoami") == 1


@pytest.mark.parametrize("hours", [1, 25])
def test_a_missing_option_is_asked_for_again_after_a_day(make_workshop: MakeWorkshop, hours: int) -> None:
    """It may have been an accident; texts stay visible until then."""
    workshop = make_workshop(panel_options=PanelOptions(mgrctl_environment=False))
    told(workshop)
    workshop.panel.options.mgrctl_environment = True
    workshop.tick(hours * 3600.0)
    workshop.restart()
    workshop.command_lines.clear()
    texts = told(workshop)
    assert (texts[0] in shown(workshop)) == (hours == 1)


def test_a_panel_that_takes_no_calls_says_nothing_about_the_option(workshop: Workshop) -> None:
    """It is not remembered as missing, and the text waits."""
    ticket = workshop.linked_ticket()
    rule = workshop.panel.faults.refuse(lambda request: request.via == "mgrctl")
    workshop.agent_replies(ticket, "Ответ")
    workshop.deliver_webhooks()
    assert isinstance(workshop.sync().paused, Paused)
    rule.lift()
    workshop.command_lines.clear()
    workshop.settle()
    workshop.assert_equal(ticket)
    assert "Ответ" not in shown(workshop)


# The real program


class Kept:
    """The state table's part of it."""

    def __init__(self) -> None:
        self.value: Any = None

    def get(self, name: str, default: Any = None, kind: type | None = None) -> Any:
        return default if self.value is None else self.value

    def put(self, name: str, value: Any) -> None:
        self.value = value

    def age(self, name: str) -> float | None:
        return 0.0


def test_a_replaced_mgrctl_is_asked_again(workshop: Workshop) -> None:
    """As after an upgrade of the panel; the program and its environment are real ones here."""
    kept, root = Kept(), workshop.panel.root
    with PanelServer(workshop.panel):
        answers = []
        for environment in (False, True, False):
            program = install_mgrctl(root, environment=environment)
            made = Mgrctl(runner(workshop.paths), 60.0, str(program), kept)
            answers += [made.takes_environment(), Mgrctl(never, 60.0, str(program), kept).takes_environment()]
    assert answers == [False, False, True, True, False, False]


def never(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
    raise AssertionError(f"it is known already: {arguments}")


def test_the_longest_variable_is_taken(workshop: Workshop) -> None:
    with PanelServer(workshop.panel):
        run = Mgrctl(runner(workshop.paths), 60.0)
        run.call("clientticket.edit", {"subject": "s", "message": "ж" * (LONGEST_ARGUMENT // 2)})
    assert len(workshop.panel.requests[-1].params["message"]) == LONGEST_ARGUMENT // 2
