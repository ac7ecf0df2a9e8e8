"""Who works on a ticket and its case, and a closed case that archives its ticket, with real processes."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.billmanager.panel import PanelOptions
from tests.e2e.live import Live


def test_the_assignee_and_the_end_of_a_case_go_over(make_live: Callable[..., Live]) -> None:
    """An employee takes the ticket, an agent takes the case and closes it; the client's message opens both again."""
    words = {"SyncAssignee": "on", "SyncPriority": "on", "StatusMap": "ended:waiting archived:closed closed:archived"}
    live = make_live(words, priority_column="priority", priority_values="enum")
    world, panel, desk = live.world, live.panel, live.desk
    gleb = panel.add_employee("gleb", "gleb@example.com", "Глеб Рогов")
    staff = desk.add_staff("gleb@example.com", "Глеб Рогов").staff_id
    one = live.ticket()
    case = desk.cases[one.case]
    panel.employee_takes(world.anna, one.ticket)  # its event wakes the worker
    live.until("Anna has the case", lambda: case.staff_id == world.anna_staff)
    panel.employee_prioritises(world.anna, one.ticket, "high")
    live.until("the case is urgent as well", lambda: case.priority == "high")
    desk.assign(one.case, staff)
    desk.prioritise(one.case, "critical")
    live.polled()
    live.until("the ticket is urgent", lambda: panel.priority(one.ticket) == "urgent")
    live.until("Gleb has the ticket", lambda: panel.ticket_state(one.ticket).assignees == (gleb,))
    desk.agent_reply(one.case, staff, text="Сделано", status="closed")
    live.until("the ticket is archived", lambda: panel.ticket_state(one.ticket).state == "closed")
    assert case.status == "closed"
    live.watch.settled()
    assert live.ticket_texts(one) == ["My site is down", "Сделано"]
    live.client_writes(one, "Опять")
    live.until("both are open", lambda: (panel.ticket_state(one.ticket).state, case.status) == ("open", "open"))
    live.until("it is Gleb's again", lambda: gleb in panel.ticket_state(one.ticket).assignees)
    live.watch.settled()
    assert case.staff_id == staff
    assert live.problems() == []


def test_a_panel_that_refuses_both_leaves_the_ticket_ended_and_with_whoever_has_it(
    make_live: Callable[..., Live],
) -> None:
    """The log and ``check_connection`` say so; everything else goes on."""
    refusing = PanelOptions(archives_for_client=False, moves_assignments=False)
    words = {"SyncAssignee": "on", "StatusMap": "ended:waiting archived:closed closed:archived"}
    live = make_live(words, panel=refusing)
    world, panel, desk = live.world, live.panel, live.desk
    panel.forbidden[world.anna] = frozenset({"ticket_all.edit"})
    one = live.ticket()
    desk.assign(one.case, world.anna_staff)
    live.polled()
    live.watch.settled()
    assert panel.ticket_state(one.ticket).assignees == (world.department,)
    desk.agent_reply(one.case, world.vera_staff, text="Сделано", status="closed")
    live.until("the ticket is ended", lambda: panel.ticket_state(one.ticket).state == "waiting")
    live.watch.settled()
    said = "\n".join(live.problems())
    assert "does not give ticket" in said
    assert "does not archive ticket" in said
