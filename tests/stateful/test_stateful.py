"""Random acts on both sides, events that get lost or come twice, faults and deaths; then both sides are equal.

HYPOTHESIS_PROFILE=deep plays much longer. A seeded walk without hypothesis, for hours if wanted, is in walk.py.
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from sandbox.mariadb import MariaDB
from sandbox.omnidesk.rulebodies import RULE_BODIES
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.stateful import play as acts
from tests.stateful.play import Play
from tests.stateful.resting import rest
from tests.stateful.stage import Stage
from tests.stateful.walk import API_FAULTS, PANEL_FAULTS, RATINGS_PLAYED, walk
from tests.support.amount import ALL, spread

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
PROFILE = settings(
    max_examples=600 if DEEP else 25 if ALL else 6,
    stateful_step_count=60 if DEEP else 25,
    derandomize=not DEEP,  # an ordinary run is the same every time
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)

# Signs that both products keep: no lone surrogates, and NUL is nothing a form can hold.
SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def said(pool: tuple[str, ...], mark: str) -> st.SearchStrategy[str]:
    """Something said before, or something new that only this side says."""
    return st.sampled_from(pool) | st.text(SIGNS, max_size=20).map(lambda text: f"{mark} {text}")


NUMBER = st.integers(0, 4)
EVENT, HOOK = st.sampled_from(acts.EVENTS), st.sampled_from(acts.HOOKS)
CLIENT, STAFF = said(acts.CLIENT_TEXTS, "кл"), said(acts.STAFF_TEXTS, "сотр")
AGENT, MAILED = said(acts.AGENT_TEXTS, "аг"), said(acts.MAILED_TEXTS, "почтой")
STATUS = st.sampled_from(acts.STATUSES)
STEPS = st.integers(1, 120)
FORCED = st.sampled_from((False, False, False, False, True))  # whether a pass polls and scans out of turn

AnAct = tuple[str, tuple[Any, ...]]
ACTS: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "client_creates": st.tuples(NUMBER, st.sampled_from(acts.SUBJECTS), CLIENT, EVENT),
    "client_writes": st.tuples(NUMBER, st.booleans(), CLIENT, EVENT),
    "employee_replies": st.tuples(NUMBER, NUMBER, STAFF, st.booleans(), EVENT),
    "employee_takes": st.tuples(NUMBER, NUMBER, EVENT),
    "employee_ends": st.tuples(NUMBER, NUMBER, EVENT),
    "employee_notes": st.tuples(NUMBER, NUMBER, STAFF, EVENT),
    "client_archives": st.tuples(NUMBER, EVENT),
    "client_rates": st.tuples(NUMBER, st.integers(0, 9), st.sampled_from(("good", "bad")), EVENT),
    "agent_replies": st.tuples(NUMBER, NUMBER, AGENT, STATUS, HOOK),
    "agent_notes": st.tuples(NUMBER, NUMBER, AGENT, HOOK),
    "client_mails": st.tuples(NUMBER, MAILED),
    "agent_sets": st.tuples(NUMBER, st.sampled_from(acts.STATUSES[1:])),
    "case_goes": st.tuples(NUMBER, st.sampled_from(("trash", "spam", "delete", "merge")), NUMBER),
}
ANY_ACT = st.one_of([st.tuples(st.just(name), given) for name, given in ACTS.items()])
DESK = st.builds(
    DeskSettings,
    staff_reply_sets_waiting=st.booleans(),
    client_message_reopens=st.booleans(),
    system_messages=st.booleans(),
    agent_writes=st.sampled_from(("html", "plain")),
    order_messages_by=st.sampled_from(("created_at", "message_id")),
    spam_accepts_messages=st.booleans(),
    spam_blocks_user=st.just(False),
    trash_accepts_messages=st.booleans(),
    webhook_encoding=st.sampled_from(("form", "json")),
    rate_limit=st.sampled_from((750, 20, None)),
    rule_webhook_url=st.sampled_from(("", "https://panel.example/mancgi/omnidesk_webhook")),
    rule_webhook_body=st.sampled_from(sorted(RULE_BODIES)),
)


class TwoSides(RuleBasedStateMachine):
    """The rules. What each does is in :class:`Play`, what must hold is in :func:`rest`."""

    mariadb: MariaDB
    folder: Path

    play: Play

    @initialize(desk=DESK, ratings=st.sampled_from(RATINGS_PLAYED))
    def begin(self, desk: DeskSettings, ratings: str) -> None:
        random.seed(0)  # the pauses between tries
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        self.play = Play(Stage(self.mariadb, folder, desk=desk, rating_values=ratings))
        self.play.stage.run_pass()
        self.play.client_creates(0, "Помогите", "Сайт не открывается", "arrives")

    def act(self, act: AnAct) -> None:
        name, given = act
        if name != "client_creates" or len(self.play.tickets) < 4:
            getattr(self.play, name)(*given)

    # More than one rule for acts, so that half of all steps are acts.

    @rule(act=ANY_ACT)
    def somebody_acts(self, act: AnAct) -> None:
        self.act(act)

    @rule(act=ANY_ACT, other=ANY_ACT)
    def two_act(self, act: AnAct, other: AnAct) -> None:
        self.act(act)
        self.act(other)

    @rule(given=ACTS["agent_replies"])
    def an_agent_replies(self, given: tuple[Any, ...]) -> None:
        self.play.agent_replies(*given)

    @rule(given=ACTS["client_writes"])
    def a_client_writes(self, given: tuple[Any, ...]) -> None:
        self.play.client_writes(*given)

    @rule(force=FORCED, twice=st.booleans())
    def the_module_works(self, force: bool, twice: bool) -> None:
        for _ in range(1 + twice):
            self.play.sync(force)

    @rule(seconds=st.sampled_from((0.4, 1, 7, 30, 65, 400, 7200)), at_work=st.booleans())
    def time_passes(self, seconds: float, at_work: bool) -> None:
        self.play.time_passes(seconds, at_work=at_work)

    @rule(order=st.sampled_from(("asis", "reversed", "shuffled")))
    def late_webhooks_come(self, order: str) -> None:
        self.play.late_webhooks(order)

    @rule(kind=st.sampled_from(API_FAULTS), skip=st.integers(0, 2), force=FORCED)
    def omnidesk_has_trouble(self, kind: str, skip: int, force: bool) -> None:
        self.play.api_fault(kind, skip)
        self.play.sync(force)

    @rule(kind=st.sampled_from(PANEL_FAULTS), skip=st.integers(0, 2), force=FORCED)
    def the_panel_has_trouble(self, kind: str, skip: int, force: bool) -> None:
        self.play.panel_fault(kind, skip)
        self.play.sync(force)

    @rule(steps=STEPS, how=st.sampled_from(("before", "after", "late")))
    def the_worker_dies(self, steps: int, how: str) -> None:
        self.play.worker_dies(steps, how)

    @rule(steps=STEPS, act=ANY_ACT)
    def somebody_acts_in_the_middle_of_a_pass(self, steps: int, act: AnAct) -> None:
        self.play.meanwhile(steps, lambda: self.act(act))

    @precondition(lambda self: len(self.play.stage.log) > 10)
    @rule()
    def everything_comes_to_rest(self) -> None:
        rest(self.play)

    def teardown(self) -> None:
        if hasattr(self, "play"):
            try:
                rest(self.play)
            finally:
                self.play.stage.close()


@pytest.mark.slow
def test_both_sides_are_equal_whatever_happens(mariadb: MariaDB, tmp_path: Path) -> None:
    """See TwoSides."""
    machine: type[RuleBasedStateMachine] = type("Here", (TwoSides,), {"mariadb": mariadb, "folder": tmp_path})
    run_state_machine_as_test(machine, settings=PROFILE)


@pytest.mark.slow
@pytest.mark.parametrize("seed", spread(range(1, 7), 3))
def test_a_seeded_walk_ends_in_equality(mariadb: MariaDB, tmp_path: Path, seed: int) -> None:
    """The walks that walk.py goes on with by hand."""
    walk(mariadb, tmp_path, seed, steps=60, rest_every=20)
