"""The merge of who works on it, by itself: whatever people do, carrying it out leads to a state with nothing to do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.store.models import TicketLink
from omnidesk.sync.actions import Assigned
from omnidesk.sync.assignee import NOT_KNOWN, Holder, Holders, Wanted, as_ended, merge, settled

# Employees 7 and 8 are staff 107 and 108; employee 9 is not known in Omnidesk, staff 110 not in BILLmanager. Staff 111
# is the integration employee: nobody.
STAFF_OF = {7: 107, 8: 108, 9: 0}
EMPLOYEE_OF = {0: 0, 107: 7, 108: 8, 110: 0}
NOBODY = 111


@dataclass
class World:
    """One ticket and its case. ``refuses``: neither side lets the module change anything."""

    assigns: bool = True
    refuses: bool = False
    open: bool = True
    holders: list[int] = field(default_factory=list)
    staff: int = 0
    link: TicketLink = field(default_factory=lambda: TicketLink(1, agreed_staff=0, staff_known=True))

    def now(self) -> Holders:
        staff = (0 if self.link.seen_staff == NOBODY else self.link.seen_staff) if self.link.staff_known else NOT_KNOWN
        return Holders(
            tuple(Holder(one, STAFF_OF[one]) for one in self.holders),
            staff,
            EMPLOYEE_OF.get(staff, 0),
            bool(self.link.own_assignee) and self.link.own_assignee == self.link.seen_staff,
        )

    def act(self, what: str, who: int, staff: int) -> None:
        if what == "takes":
            self.open = True
            self.holders = [*(one for one in self.holders if one != who), who]
        elif what == "leaves" and self.open and self.holders:
            self.holders.remove(self.holders[who % len(self.holders)])
        elif what == "assigns":
            self.staff = staff
        elif what == "replies":  # ours, in the name of one of Omnidesk's
            self.link = replace(self.link, own_assignee=staff or NOBODY, staff_known=False, unconfirmed=True)
            self.staff = (staff or NOBODY) if self.assigns else self.staff
        elif what == "ends":
            self.open, self.holders = False, []
        elif what == "opens":
            self.open = True
        elif what == "works":
            self.work()

    def poll(self) -> None:
        self.link = replace(self.link, seen_staff=self.staff, staff_known=True, unconfirmed=False)

    def agree(self, wanted: Assigned) -> None:
        self.link = replace(
            self.link, agreed_staff=wanted.staff, agreed_employee=wanted.employee, agreed_holders=wanted.holders,
            own_assignee=0,
        )  # fmt: skip

    def work(self) -> int:
        """The module plans and carries out until there is nothing to do; how many changes it made."""
        self.poll()
        made = 0
        for _ in range(4):
            if not self.open:
                if not settled(self.link, as_ended(self.link, self.now())):
                    self.agree(as_ended(self.link, self.now()))
                return made
            found = merge(self.link, self.now())
            assert found.wanted not in (Wanted.READ, Wanted.WAIT), "it was read just now"
            if found.wanted is Wanted.NOTHING and settled(self.link, found.assigned):
                return made
            made += found.wanted is not Wanted.NOTHING
            self.carry_out(found.wanted, found.assigned)
        raise AssertionError(f"it does not settle: {self}")

    def carry_out(self, wanted: Wanted, assigned: Assigned) -> None:
        if wanted is Wanted.PUT:
            self.staff = self.staff if self.refuses else assigned.staff
            self.poll()
            assigned = replace(assigned, staff=self.now().staff)
        elif wanted is Wanted.GIVE:
            if not self.refuses:
                former = [one for one in self.holders if one != self.link.agreed_employee]
                kept = former if assigned.employee else [one for one in self.holders if not STAFF_OF[one]]
                self.holders = [*kept, *filter(None, [assigned.employee])]
            has = assigned.employee in self.holders
            employee = assigned.employee if has else next(reversed(self.holders), 0)
            assigned = replace(assigned, employee=employee, holders=self.now().named())
        self.agree(assigned)


ACTS = st.tuples(
    st.sampled_from(["takes", "takes", "leaves", "assigns", "assigns", "replies", "ends", "opens", "works", "works"]),
    st.sampled_from([7, 8, 9]),
    st.sampled_from([0, 107, 108, 110, NOBODY]),
)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(acts=st.lists(ACTS, max_size=25), assigns=st.booleans(), refuses=st.booleans())
def test_whatever_people_do_it_settles_and_both_sides_agree(
    acts: list[tuple[str, int, int]], assigns: bool, refuses: bool
) -> None:
    world = World(assigns=assigns, refuses=refuses)
    for act in acts:
        world.act(*act)
    world.work()
    was = (list(world.holders), world.staff, world.link)
    assert world.work() == 0, "no ping-pong"
    assert (world.holders, world.staff, world.link) == was
    now = world.now()
    if refuses or not world.open or now.staff == 110 or (now.here and not now.known_there):
        return
    known = {one.staff for one in now.known_there}
    assert now.staff in known or (not now.staff and not known), "the same person, or nobody"


@pytest.mark.parametrize(("link", "now", "wanted", "assigned"), [
    ((0, 0, ""), ([7], 0), Wanted.PUT, Assigned(107, 7, "7")),  # he took it
    ((107, 7, "7"), ([7, 8], 107), Wanted.PUT, Assigned(108, 8, "7,8")),  # another one took it as well
    ((107, 7, "7"), ([], 107), Wanted.PUT, Assigned(0, 0, "")),  # passed to a department
    ((107, 7, "7"), ([9], 107), Wanted.NOTHING, Assigned(107, 7, "9")),  # to one whom Omnidesk does not know
    ((107, 7, "7"), ([7], 108), Wanted.GIVE, Assigned(108, 8, "7")),
    ((107, 7, "7"), ([8], 110), Wanted.NOTHING, Assigned(110, 8, "8")),  # nobody of BILLmanager: as it is
    ((107, 7, "7"), ([8], 0), Wanted.GIVE, Assigned(0, 0, "8")),  # both changed: Omnidesk
    ((107, 7, "7"), ([7], 0), Wanted.GIVE, Assigned(0, 0, "7")),
    ((107, 0, "-"), ([], 107), Wanted.GIVE, Assigned(107, 7, "")),  # it was ended, and is open again
    ((107, 0, "-"), ([8], 107), Wanted.PUT, Assigned(108, 8, "8")),  # and somebody took it
    ((-1, 0, "-"), ([7], 108), Wanted.NOTHING, Assigned(108, 7, "7")),  # nothing is known: both are left
    ((-1, 0, "-"), ([7], 0), Wanted.PUT, Assigned(107, 7, "7")),
    ((-1, 0, "-"), ([], 107), Wanted.GIVE, Assigned(107, 7, "")),
])  # fmt: skip
def test_who_changed_counts(
    link: tuple[int, int, str], now: tuple[list[int], int], wanted: Wanted, assigned: Assigned
) -> None:
    row = TicketLink(1, agreed_staff=link[0], agreed_employee=link[1], agreed_holders=link[2])
    here = tuple(Holder(one, STAFF_OF[one]) for one in now[0])
    found = merge(row, Holders(here, now[1], EMPLOYEE_OF[now[1]]))
    assert (found.wanted, found.assigned) == (wanted, assigned)


@pytest.mark.parametrize(("unconfirmed", "agreed", "here", "wanted"), [
    (True, 0, [7], Wanted.WAIT),  # the next poll shows the case
    (False, 0, [7], Wanted.READ),
    (False, 0, [], Wanted.WAIT),  # nothing has changed
    (False, 0, [9], Wanted.WAIT),
    (False, -1, [7], Wanted.READ),  # once
    (False, -1, [9], Wanted.WAIT),
])  # fmt: skip
def test_an_assignee_that_is_not_known_is_read_only_where_it_matters(
    unconfirmed: bool, agreed: int, here: list[int], wanted: Wanted
) -> None:
    row = TicketLink(1, agreed_staff=agreed, agreed_holders="", unconfirmed=unconfirmed)
    assert merge(row, Holders(tuple(Holder(one, STAFF_OF[one]) for one in here))).wanted is wanted
