"""The routing table: what a new case gets, and how ticket and case follow each other between departments and groups."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.billmanager.panel import PanelOptions
from sandbox.omnidesk.state import Case
from tests.support.workshop import SECRET, Workshop

Make = Callable[..., Workshop]


class Routed:
    """A workshop with three groups, a label and a second channel, and a table."""

    def __init__(self, workshop: Workshop, **first: Any) -> None:
        self.workshop = workshop
        self.desk, self.panel = workshop.desk, workshop.panel
        self.technical = self.desk.add_group("Техподдержка")
        self.money = self.desk.add_group("Оплата")
        self.other = self.desk.add_group("Прочее")
        self.label = self.desk.add_label("деньги")
        self.brand = self.desk.add_channel("Бренд", f"https://panel.example/mancgi/omnidesk_webhook?{SECRET}")
        self.write(
            {"department": "Техническая поддержка", "group": "Техподдержка", **first},
            {"department": "Отдел оплаты", "group": "Оплата", "priority": "high", "labels": ["деньги"]},
        )

    def write(self, *rows: dict[str, Any]) -> None:
        path = self.workshop.root / "etc" / "omnidesk" / "routing.json"
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")

    def case(self, ticket: int) -> Case:
        return self.desk.cases[self.workshop.case(ticket)]

    def new(self, department: int = 0, **more: Any) -> int:
        """A ticket with its case."""
        more = {"department": department, **more} if department else more
        ticket = self.workshop.linked_ticket(**more)
        self.workshop.tick(30)
        self.workshop.sync()
        return ticket

    def moved(self, ticket: int, department: int, **more: Any) -> None:
        self.workshop.tick(30)
        self.panel.move_ticket(ticket, department, self.workshop.anna, **more)

    def regrouped(self, ticket: int, group: int) -> None:
        self.workshop.tick(30)
        self.desk.move(self.workshop.case(ticket), group, self.workshop.anna_staff)

    def settle(self) -> None:
        self.workshop.tick(30)
        self.workshop.sync()

    def holders(self, ticket: int) -> list[int]:
        return [row["user"] for row in self.panel.query("SELECT user FROM ticket2user WHERE ticket=%s", ticket)]

    def quiet(self, ticket: int) -> None:
        """Nothing is left to do, and nothing goes back and forth."""
        before = (self.case(ticket).group_id, self.holders(ticket))
        for _ in range(3):
            self.settle()
            assert self.workshop.deeds(ticket) == []
        assert (self.case(ticket).group_id, self.holders(ticket)) == before


@pytest.fixture
def routed(workshop: Workshop) -> Routed:
    return Routed(workshop)


def put(workshop: Workshop, act: Callable[[], Any]) -> list[str]:
    """The calls of an act that change a case."""
    return [one for one in workshop.calls(act) if one.startswith("PUT /api/cases/")]


def test_a_new_case_gets_what_its_row_says(routed: Routed) -> None:
    case = routed.case(routed.new(routed.workshop.billing))
    assert (case.group_id, case.priority, case.labels) == (routed.money, "high", [routed.label])
    case = routed.case(routed.new())
    assert (case.group_id, case.priority, case.labels) == (routed.technical, "normal", [])


def test_names_and_numbers_are_the_same(routed: Routed) -> None:
    routed.write({"department": routed.workshop.support, "group": str(routed.other), "language": "ENG"})
    case = routed.case(routed.new())
    assert (case.group_id, case.language_id) == (routed.other, 2)


def test_a_row_chooses_the_channel_and_the_webhook_of_it_is_ours(routed: Routed) -> None:
    routed.write({"project": "Provider", "channel": "Бренд"})
    ticket = routed.new()
    assert routed.case(ticket).channel == routed.brand.key
    routed.workshop.agent_replies(ticket, "да")
    routed.settle()
    routed.workshop.assert_equal(ticket)
    routed.desk.set_status(routed.workshop.case(ticket), "closed")
    routed.settle()
    assert routed.holders(ticket) == []


def test_a_ticket_that_moves_takes_its_case_along(routed: Routed) -> None:
    ticket = routed.new()
    routed.moved(ticket, routed.workshop.billing)
    assert put(routed.workshop, routed.settle) == [f"PUT /api/cases/{routed.workshop.case(ticket)}.json"]
    assert routed.case(ticket).group_id == routed.money
    routed.quiet(ticket)


def test_a_case_that_moves_takes_its_ticket_along(routed: Routed) -> None:
    ticket = routed.new()
    routed.regrouped(ticket, routed.money)
    assert put(routed.workshop, routed.settle) == []
    assert routed.holders(ticket) == [routed.workshop.billing]
    routed.quiet(ticket)
    assert routed.case(ticket).group_id == routed.money


@pytest.mark.parametrize("taken", [True, False])
def test_where_the_panel_moves_no_assignments_the_department_gets_the_ticket(make_workshop: Make, taken: bool) -> None:
    routed = Routed(make_workshop(panel_options=PanelOptions(moves_assignments=False)))
    ticket = routed.new()
    if taken:
        routed.panel.employee_takes(routed.workshop.anna, ticket)
        routed.settle()
    routed.regrouped(ticket, routed.money)
    routed.settle()
    assert routed.holders(ticket) == [routed.workshop.billing]
    routed.quiet(ticket)
    assert routed.case(ticket).status == "open"


def test_a_department_that_the_panel_refuses_is_reported_and_not_tried_again(routed: Routed) -> None:
    ticket = routed.new()
    routed.panel.forbidden[routed.workshop.integration] = frozenset({"support_tool_responsible"})
    routed.regrouped(ticket, routed.money)
    routed.settle()
    assert (routed.holders(ticket), routed.case(ticket).group_id) == ([routed.workshop.support], routed.money)
    assert str(ticket) in routed.workshop.context.state.refusal("department")
    routed.quiet(ticket)
    assert not routed.workshop.context.queue.listing()


def test_if_both_move_omnidesk_wins(routed: Routed) -> None:
    extra = routed.panel.add_department("sales", "Продажи")
    routed.write(
        {"department": "support", "group": "Прочее"},  # the login is no name
        {"department": routed.workshop.support, "group": routed.technical},
        {"department": "Отдел оплаты", "group": "Оплата"},
        {"department": "Продажи", "group": "Прочее"},
    )
    ticket = routed.new()
    assert routed.case(ticket).group_id == routed.technical
    routed.regrouped(ticket, routed.money)
    routed.moved(ticket, extra)
    routed.settle()
    assert (routed.case(ticket).group_id, routed.holders(ticket)) == (routed.money, [routed.workshop.billing])
    routed.quiet(ticket)


def test_a_group_without_a_row_leaves_the_ticket(routed: Routed) -> None:
    ticket = routed.new()
    routed.regrouped(ticket, routed.other)
    routed.settle()
    assert (routed.case(ticket).group_id, routed.holders(ticket)) == (routed.other, [routed.workshop.support])
    routed.quiet(ticket)


def test_of_two_departments_with_one_group_the_present_one_stays(routed: Routed) -> None:
    sales = routed.panel.add_department("sales", "Продажи")
    routed.write(
        {"department": ["Отдел оплаты", "Продажи"], "group": "Оплата"},
        {"department": "Техническая поддержка", "group": "Техподдержка"},
    )
    ticket = routed.new(sales)
    routed.moved(ticket, routed.workshop.billing)
    assert put(routed.workshop, routed.settle) == []
    routed.regrouped(ticket, routed.technical)
    routed.settle()
    assert routed.holders(ticket) == [routed.workshop.support]
    routed.regrouped(ticket, routed.money)
    routed.settle()
    assert routed.holders(ticket) == [routed.workshop.billing]
    routed.quiet(ticket)


def test_who_takes_a_ticket_does_not_move_it(routed: Routed) -> None:
    ticket = routed.new()
    routed.moved(ticket, routed.workshop.billing)
    routed.settle()
    routed.panel.employee_takes(routed.workshop.anna, ticket)
    routed.settle()
    assert routed.case(ticket).group_id == routed.money
    routed.quiet(ticket)


def test_a_move_and_an_ending_are_one_call(routed: Routed) -> None:
    ticket = routed.new()
    routed.moved(ticket, routed.workshop.billing, lasting=True)
    routed.panel.employee_closes(routed.workshop.anna, ticket)
    assert len(put(routed.workshop, routed.settle)) == 1
    case = routed.case(ticket)
    assert (case.status, case.group_id) == ("waiting", routed.money)
    routed.quiet(ticket)


def test_a_case_that_moves_and_ends_leaves_the_ticket_to_its_new_department(routed: Routed) -> None:
    ticket = routed.new()
    routed.regrouped(ticket, routed.money)
    routed.workshop.agent_sets(ticket, "waiting")
    routed.settle()
    assert routed.holders(ticket) == []
    routed.workshop.client_writes(ticket, "ещё вопрос")
    routed.settle()
    assert (routed.case(ticket).group_id, routed.holders(ticket)) == (routed.money, [routed.workshop.billing])
    routed.quiet(ticket)


def test_an_ended_ticket_whose_case_moves_goes_there_when_it_is_opened(routed: Routed) -> None:
    ticket = routed.new()
    routed.workshop.agent_sets(ticket, "closed")
    routed.settle()
    routed.regrouped(ticket, routed.money)
    routed.settle()
    assert routed.holders(ticket) == []
    routed.workshop.agent_sets(ticket, "open")
    routed.settle()
    assert routed.holders(ticket) == [routed.workshop.billing]
    routed.quiet(ticket)


def test_without_a_table_nothing_is_asked_or_moved(workshop: Workshop) -> None:
    group = workshop.desk.add_group("Оплата")
    ticket = workshop.linked_ticket()
    workshop.panel.move_ticket(ticket, workshop.billing, workshop.anna)
    workshop.tick(30)
    workshop.sync()
    workshop.desk.move(workshop.case(ticket), group, workshop.anna_staff)
    workshop.tick(30)
    calls = workshop.calls(lambda: workshop.sync())
    assert not [one for one in calls if "groups" in one or one.startswith("PUT")]
    assert [row["user"] for row in workshop.panel.query("SELECT user FROM ticket2user")] == [workshop.billing]


def test_a_table_made_later_moves_nothing_by_itself(workshop: Workshop) -> None:
    """What is where it is, is agreed; the next move counts."""
    ticket = workshop.linked_ticket()
    workshop.panel.move_ticket(ticket, workshop.billing, workshop.anna)
    workshop.tick(30)
    workshop.sync()
    routed = Routed(workshop)
    first = routed.case(ticket).group_id
    assert put(workshop, routed.settle) == []
    assert (routed.case(ticket).group_id, routed.holders(ticket)) == (first, [workshop.billing])
    routed.moved(ticket, workshop.support)
    routed.settle()
    assert routed.case(ticket).group_id == routed.technical
    routed.quiet(ticket)


def test_a_lost_event_of_a_move_is_found_by_the_scan(make_workshop: Make) -> None:
    routed = Routed(make_workshop(hook=False))
    routed.workshop.sync()
    ticket = routed.new()
    routed.moved(ticket, routed.workshop.billing)
    routed.settle()
    assert routed.case(ticket).group_id == routed.money


def test_a_lost_webhook_of_a_move_is_found_by_the_poll(routed: Routed) -> None:
    ticket = routed.new()
    routed.workshop.tick(600)
    routed.workshop.sync()
    routed.regrouped(ticket, routed.money)
    routed.workshop.run_pass(force=True)
    routed.workshop.sync()
    assert routed.holders(ticket) == [routed.workshop.billing]


@pytest.mark.parametrize("wrong", ["group", "labels", "channel", "language"])
def test_a_row_with_an_unknown_name_is_as_no_row(routed: Routed, wrong: str) -> None:
    routed.write({"department": "Техническая поддержка", "priority": "high", wrong: "нет такого"}, {"group": "Прочее"})
    case = routed.case(routed.new())
    assert (case.group_id, case.priority) == (min(routed.desk.groups), "normal")
    (problem,) = routed.workshop.context.routes.current().problems
    assert (problem.number, problem.field) == (1, wrong)


def test_an_unknown_name_costs_one_read_and_not_one_each_time(routed: Routed) -> None:
    routed.write({"department": "Техническая поддержка", "group": "Новая"})
    routed.new()
    asked = [one for one in routed.workshop.calls() if one == "GET /api/groups.json"]
    for _ in range(3):
        routed.workshop.tick(4000)
        routed.new()
    assert [one for one in routed.workshop.calls() if one == "GET /api/groups.json"] == asked
    assert len(asked) <= 2
    group = routed.desk.add_group("Новая")
    routed.workshop.tick(90000)
    assert routed.case(routed.new()).group_id == group


def test_what_omnidesk_refuses_of_a_row_costs_nobody_his_ticket(routed: Routed) -> None:
    routed.new()
    del routed.desk.groups[routed.technical]
    ticket = routed.new(files=[("a.txt", b"1")])
    assert routed.case(ticket).group_id == min(routed.desk.groups)
    routed.workshop.assert_equal(ticket)


def test_a_group_that_is_refused_is_left_and_the_status_is_set(routed: Routed) -> None:
    ticket = routed.new()
    del routed.desk.groups[routed.money]
    routed.moved(ticket, routed.workshop.billing)
    routed.panel.employee_closes(routed.workshop.anna, ticket)
    routed.settle()
    case = routed.case(ticket)
    assert (case.status, case.group_id) == ("waiting", routed.technical)
    routed.quiet(ticket)


def test_a_broken_file_keeps_its_last_good_rows(routed: Routed) -> None:
    routed.new()
    (routed.workshop.root / "etc" / "omnidesk" / "routing.json").write_text("[{", encoding="utf-8")
    assert routed.case(routed.new(routed.workshop.billing)).group_id == routed.money
    assert routed.workshop.context.routes.table.problem is not None


def test_a_case_that_staff_open_goes_to_the_department_of_its_group(make_workshop: Make) -> None:
    workshop = make_workshop(cases_from_omnidesk="channel", new_ticket_department="support")
    workshop.run_pass()
    workshop.tick(5)
    routed = Routed(workshop)
    user = workshop.desk.add_user("custom", str(workshop.ivan.user), routed.brand.key)
    routed.write(
        {"department": "Отдел оплаты", "group": "Оплата"}, {"project": "Provider", "channel": routed.brand.key}
    )
    case = workshop.desk.agent_case(user.user_id, "Счёт", "<p>Вам счёт</p>", workshop.anna_staff)
    case.group_id = routed.money
    workshop.settle()
    (ticket,) = workshop.context.links.tickets_of_case(case.case_id)
    assert workshop.panel.query("SELECT responsible AS r FROM ticket WHERE id=%s", ticket)[0]["r"] == workshop.billing
    workshop.assert_equal(ticket)


def test_cases_of_other_channels_are_none_of_the_modules(make_workshop: Make) -> None:
    """Although the poll shows them, where there are several channels of its own."""
    workshop = make_workshop(cases_from_omnidesk="channel")
    workshop.run_pass()
    workshop.tick(5)
    routed = Routed(workshop, channel="Бренд")
    ours = routed.new()
    foreign = workshop.desk.add_channel("Чужой")
    user = workshop.desk.add_user("custom", str(workshop.petra.user), foreign.key)
    workshop.desk.agent_case(user.user_id, "Чужое", "<p>Не для модуля</p>", workshop.anna_staff)
    before = workshop.panel.query("SELECT COUNT(*) AS n FROM ticket")
    workshop.settle()
    assert workshop.panel.query("SELECT COUNT(*) AS n FROM ticket") == before
    assert routed.case(ours).channel == routed.brand.key


def test_a_case_that_moves_before_its_making_was_known_takes_its_ticket_along(routed: Routed) -> None:
    """The call got no answer; the group that it asked for is the base of what an agent does meanwhile."""
    routed.desk.faults.drop_after(lambda request: request.method == "POST")
    ticket = routed.workshop.new_ticket()
    routed.workshop.sync()
    (case,) = routed.desk.cases
    routed.workshop.tick(30)
    routed.desk.move(case, routed.money, routed.workshop.anna_staff)
    routed.workshop.settle()
    assert routed.case(ticket).group_id == routed.money and routed.holders(ticket) == [routed.workshop.billing]
    routed.quiet(ticket)


def test_a_case_made_without_the_group_that_was_refused_does_not_move_its_ticket(routed: Routed) -> None:
    """Its making got no answer at the second try, which asked for no group."""
    routed.new()  # its group is known by its name
    for group in {*routed.desk.groups} - {routed.money}:
        del routed.desk.groups[group]
    routed.desk.faults.drop_after(lambda request: request.method == "POST" and b"group_id" not in request.body)
    ticket = routed.workshop.new_ticket()
    holders = routed.holders(ticket)
    routed.workshop.settle()
    assert routed.case(ticket).group_id == routed.money and routed.holders(ticket) == holders
    routed.quiet(ticket)


@pytest.mark.parametrize("made", [True, False])
def test_a_case_whose_making_got_no_answer_is_looked_for_in_all_channels(routed: Routed, made: bool) -> None:
    """Also if the ticket was moved meanwhile, whose row has another channel."""
    routed.write(
        {"department": "Техническая поддержка", "channel": "Бренд", "group": "Техподдержка"},
        {"department": "Отдел оплаты", "group": "Оплата"},
    )
    faults = routed.desk.faults
    (faults.drop_after if made else faults.drop_before)(lambda request: request.method == "POST")
    ticket = routed.workshop.new_ticket()
    routed.workshop.sync()
    routed.moved(ticket, routed.workshop.billing)
    routed.workshop.settle()
    assert len(routed.desk.cases) == 1
    case = routed.case(ticket)
    assert (case.channel == routed.brand.key) == made and case.group_id == routed.money
    routed.quiet(ticket)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_move_that_got_no_answer_is_settled(routed: Routed, fault: str) -> None:
    ticket = routed.new()
    getattr(routed.desk.faults, fault)(lambda request: request.method == "PUT")
    routed.moved(ticket, routed.workshop.billing)
    routed.settle()
    routed.moved(ticket, routed.workshop.support)
    routed.workshop.settle()
    assert (routed.case(ticket).group_id, routed.holders(ticket)) == (routed.technical, [routed.workshop.support])
    routed.quiet(ticket)


@pytest.mark.parametrize("fault", ["refuse", "lose_request", "die_after_commit"])
def test_a_move_that_the_panel_does_not_take_costs_no_message(routed: Routed, fault: str) -> None:
    ticket = routed.new()
    faults = routed.panel.faults
    getattr(faults, fault)(lambda request: request.func == "support_tool_responsible", 1)
    routed.regrouped(ticket, routed.money)
    routed.workshop.agent_replies(ticket, "готово")
    routed.workshop.sync()
    assert [one.text for one in routed.workshop.both_sides(ticket).billmanager][-1] == "готово"
    routed.workshop.settle()
    assert (routed.case(ticket).group_id, routed.holders(ticket)) == (routed.money, [routed.workshop.billing])
    routed.quiet(ticket)


def test_a_moved_ticket_keeps_the_cases_assignee(make_workshop: Make) -> None:
    """Who had it has it no more by our own doing, which unassigns nobody in Omnidesk."""
    workshop = make_workshop(sync_assignee=True)
    routed = Routed(workshop)
    ticket = routed.new()
    workshop.panel.employee_takes(workshop.anna, ticket)
    routed.settle()
    assert routed.case(ticket).staff_id == workshop.anna_staff
    routed.regrouped(ticket, routed.money)
    routed.settle()
    assert routed.holders(ticket) == [workshop.billing]
    routed.quiet(ticket)
    assert routed.case(ticket).staff_id == workshop.anna_staff


def test_a_department_that_is_refused_does_not_keep_an_ended_ticket_closed(routed: Routed) -> None:
    """Its case moves and is opened; the panel gives no ticket to that department."""
    ticket = routed.new()
    workshop = routed.workshop
    workshop.agent_replies(ticket, "Готово", status="waiting")
    workshop.settle()
    routed.regrouped(ticket, routed.money)
    workshop.panel.faults.fail(
        "value", "set_responsible", "no", lambda one: one.params.get("set_responsible") == f"d_{workshop.billing}"
    )
    workshop.agent_sets(ticket, "open")
    for _ in range(4):
        workshop.settle()
        workshop.tick(700)
    assert workshop.both_sides(ticket).state == "open"
    assert workshop.context.queue.listing() == []
    routed.quiet(ticket)


def test_tickets_that_share_a_case_do_not_pull_it_back_and_forth(routed: Routed) -> None:
    first, second = routed.new(), routed.new(routed.workshop.billing)
    workshop = routed.workshop
    workshop.tick(60)
    routed.desk.merge(workshop.case(second), workshop.case(first), workshop.anna_staff)
    workshop.settle()
    assert workshop.case(first) == workshop.case(second)
    acts: list[Callable[[], None]] = [
        lambda: routed.moved(first, workshop.billing),
        lambda: routed.regrouped(first, routed.technical),
        lambda: routed.moved(second, workshop.billing),
    ]
    for act in acts:
        act()
        workshop.settle()
        group = routed.case(first).group_id
        for _ in range(3):
            routed.settle()
            workshop.tick(700)
        workshop.settle()
        assert routed.case(first).group_id == group
        routed.quiet(first)
        routed.quiet(second)


def test_a_ticket_whose_department_has_no_row_settles(routed: Routed) -> None:
    third = routed.panel.add_department("sales", "Продажи")
    ticket = routed.new()
    routed.moved(ticket, third)
    routed.settle()
    routed.quiet(ticket)
    assert routed.holders(ticket) == [third] and routed.case(ticket).group_id == routed.technical
    routed.regrouped(ticket, routed.money)
    routed.settle()
    routed.quiet(ticket)
    assert routed.holders(ticket) == [routed.workshop.billing]


def test_a_split_ticket_in_another_department_gets_a_case_of_that_group(routed: Routed) -> None:
    ticket = routed.new()
    workshop = routed.workshop
    message = workshop.client_writes(ticket, "И ещё счёт")
    workshop.settle()
    workshop.tick(60)
    other = routed.panel.split_ticket(ticket, message)
    routed.panel.move_ticket(other, workshop.billing, workshop.anna)
    workshop.settle()
    assert routed.case(other).group_id == routed.money
    routed.quiet(other)
    routed.quiet(ticket)


def test_a_broken_file_keeps_its_last_good_rows_in_later_runs(routed: Routed) -> None:
    """A worker that has nothing to do ends, and the next one must not open cases in the channel of another brand."""
    routed.write({"department": "Отдел оплаты", "channel": "Бренд"})
    routed.new()
    path = routed.workshop.root / "etc" / "omnidesk" / "routing.json"
    path.write_text("[{", encoding="utf-8")
    routed.workshop.restart()
    assert routed.case(routed.new(routed.workshop.billing)).channel == routed.brand.key
    path.write_text("[]", encoding="utf-8")
    assert routed.case(routed.new(routed.workshop.billing)).channel == routed.workshop.channel.key
    routed.workshop.restart()
    assert routed.case(routed.new(routed.workshop.billing)).channel == routed.workshop.channel.key
    path.write_text("[{", encoding="utf-8")
    routed.workshop.restart()
    assert routed.case(routed.new(routed.workshop.billing)).channel == routed.workshop.channel.key
