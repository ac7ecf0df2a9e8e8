"""A random walk by hand: python -m tests.stateful.walk --seed 1 --steps 200 --runs 20

Prints the seed of the first walk that fails, what was done in it, and what is wrong. The same seed does the same.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.billmanager.panel import PanelOptions
from sandbox.billmanager.schema import RATING_VALUES
from sandbox.mariadb import MariaDB
from sandbox.omnidesk.rulebodies import RULE_BODIES
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.stateful import play as acts
from tests.stateful.play import Play
from tests.stateful.resting import rest
from tests.stateful.stage import Stage

API_FAULTS = ("drop_before", "drop_after", "error", "error_done", "rate", "not_json", "truncated")
PANEL_FAULTS = ("refuse", "value", "db", "lose", "die", "die_silent")
ROUTINGS = ("", "", "each", "each", "one", "half")
FORCED = 0.1  # passes that poll and scan out of turn, as an administrator's `sync` does
LETTERS = "абвгд xyz🙂🔥שמב12 \u200f\u0301é<>&*_\n"


def desk_settings(chance: random.Random) -> DeskSettings:
    """An account: what nobody outside can know differs from one to the next."""
    return DeskSettings(
        staff_reply_sets_waiting=chance.random() < 0.3,
        client_message_reopens=chance.random() < 0.8,
        system_messages=chance.random() < 0.3,
        agent_writes=chance.choice(("html", "plain")),
        order_messages_by=chance.choice(("created_at", "message_id")),
        spam_accepts_messages=chance.random() < 0.7,
        spam_blocks_user=False,
        trash_accepts_messages=chance.random() < 0.2,
        webhook_encoding=chance.choice(("form", "json")),
        webhook_echo_api=chance.random() < 0.7,
        rate_limit=chance.choice((20, 750, None)),
        staff_reply_assigns=chance.random() < 0.7,
        client_moves_last_response=chance.random() < 0.5,
        records_shown=chance.random() < 0.7,
        longest_range=chance.choice((366, 366, None)),
        case_not_found_status=chance.choice((400, 400, 404)),
        case_not_found_answer=chance.choice(("code", "other", "empty", "html")),
        empty_list=chance.choice(("count", "legacy", "array")),
        rule_webhook_url=chance.choice(("", "", "https://panel.example/mancgi/omnidesk_webhook")),
        rule_webhook_body=chance.choice(sorted(RULE_BODIES)),
        takes_nobody=chance.random() < 0.8,
    )


# A lone 1 whose event was lost is good in every other column; that it is one star shows only with a value above 2.
RATINGS_PLAYED = sorted(set(RATING_VALUES) - {"stars"})


def panel_shape(chance: random.Random, seed: int = 0) -> dict[str, Any]:
    """A panel, the same way: the switches of a :class:`Stage`.

    A routing table is drawn by the ``seed`` alone, so that what else a seed means stays; who has a ticket and where it
    is change together, so there is one only where assignees are not synchronised.
    """
    shape = {
        "panel_options": PanelOptions(
            system_rows=chance.choice(("none", "null", "zero", "service")),
            archived_takes_messages=chance.random() < 0.5,
            ends_by=chance.choice(("answer", "delete", "both")),
            status_codes=chance.random() < 0.7,
            archive_after=chance.choice((None, 1800.0, 86400.0)),
            archives_for_client=chance.random() < 0.8,
            archives_assigned=chance.random() < 0.7,
            moves_assignments=chance.random() < 0.7,
            message_edit=chance.choice(("absent", "works", "works", "ignores", "refuses")),
            edit_moves_date=chance.random() < 0.5,
            priority_by=chance.choice(("both", "ticket_all.edit", "ticket.edit")),
        ),
        "message_type": chance.choice(("", "incoming", "outcoming")),
        "rating_values": chance.choice(RATINGS_PLAYED),
        "required_at_closing": chance.random() < 0.3,
        "cases_from_omnidesk": chance.choice(("off", "channel")),
        "status_map": ("waiting", "closed", chance.choice(("ended", "archived"))),
        "sync_assignee": chance.random() < 0.6,
        "omnidesk_edits": chance.choice(("off", "note", "message", "message")),
        "edit_minutes": chance.choice((0, 10, 10, 1440)),
        "sync_priority": chance.choice((None, ())),
        "priority_column": chance.choice(("priority", "highpriority")),
        "priority_values": chance.choice(("enum", "flag", "bit")),
    }
    return {**shape, "routing": "" if shape["sync_assignee"] else routing_of(seed)}


def routing_of(seed: int) -> str:
    """The rows of the routing table, if there may be one."""
    return random.Random(f"routing {seed}").choice(ROUTINGS)


class Walk:
    """One seeded walk."""

    def __init__(self, stage: Stage, seed: int, trouble: bool) -> None:
        self.chance = random.Random(seed)
        self.stage = stage
        self.play = Play(stage)
        stage.run_pass()  # what is older than the first pass is history
        self.trouble = trouble

    def text(self, pool: tuple[str, ...], mark: str) -> str:
        if self.chance.random() < 0.7:
            return self.chance.choice(pool)
        return mark + "".join(self.chance.choice(LETTERS) for _ in range(self.chance.randrange(12)))

    def act(self) -> Callable[[], None]:
        """Somebody's next act, with everything about it decided."""
        chance, play = self.chance, self.play
        play.look_for_started()
        number, who = chance.randrange(100), chance.randrange(6)
        event, hook = chance.choice(acts.EVENTS), chance.choice(acts.HOOKS)
        if not play.tickets or (len(play.tickets) < 5 and chance.random() < 0.08):
            given: tuple[Any, ...] = (who, chance.choice(acts.SUBJECTS), self.text(acts.CLIENT_TEXTS, "кл "), event)
            return lambda: play.client_creates(*given)
        staff, agent = self.text(acts.STAFF_TEXTS, "сотр "), self.text(acts.AGENT_TEXTS, "аг ")
        client, mailed = self.text(acts.CLIENT_TEXTS, "кл "), chance.choice(acts.MAILED_TEXTS)
        status, close = chance.choice(acts.STATUSES), chance.random() < 0.5
        rating, which = chance.choice(("good", "bad")), chance.randrange(20)
        new_text = chance.random() < 0.7
        way, other = chance.choice(("trash", "spam", "delete", "merge")), chance.choice((number, chance.randrange(20)))
        choices: list[tuple[float, Callable[[], None]]] = [
            (4, lambda: play.client_writes(number, close, client, event)),
            (3, lambda: play.employee_replies(number, who, staff, close, event)),
            (1, lambda: play.employee_takes(number, who, event)),
            (1, lambda: play.employee_ends(number, who, event)),
            (1, lambda: play.employee_notes(number, who, staff, event)),
            (1, lambda: play.client_archives(number, event)),
            (2, lambda: play.client_rates(number, which, rating, event)),
            (5, lambda: play.agent_replies(number, who, agent, status, hook)),
            (2, lambda: play.agent_notes(number, who, agent or "заметка", hook)),
            (1, lambda: play.client_mails(number, mailed)),
            (2, lambda: play.agent_sets(number, status or "closed")),
            (0.5, lambda: play.case_goes(number, way, which)),
            (0.7, self.race(number)),
            (0.5, lambda: play.messages_move(number, which, other)),
            (
                0.7 if self.stage.settings.cases_from_omnidesk != "off" else 0,
                lambda: play.agent_starts(who, agent, hook),
            ),
            (1.5, lambda: play.agent_edits(number, which, new_text)),
            (0.3, lambda: play.agent_deletes(number, which)),
            (0.7 if self.stage.desk.settings.required_at_closing else 0, lambda: play.agent_fills(number)),
            (1 if self.stage.settings.sync_priority is not None else 0, lambda: play.agent_prioritises(number, which)),
            (
                1 if self.stage.settings.sync_priority is not None else 0,
                lambda: play.employee_prioritises(number, which, event),
            ),
            (1.5 if self.stage.settings.sync_assignee else 0, lambda: play.agent_assigns(number, which)),
            (1.5 if self.stage.settings.sync_assignee else 0, lambda: play.employee_passes(number, which, event)),
            (1.5 if self.stage.places is not None else 0, lambda: play.ticket_moves(number, which, event)),
            (1.5 if self.stage.places is not None else 0, lambda: play.case_moves(number, which)),
        ]
        return chance.choices([one for _, one in choices], [weight for weight, _ in choices])[0]

    def race(self, number: int) -> Callable[[], None]:
        """Two people act on one ticket within seconds, perhaps in the middle of a pass."""
        chance, play = self.chance, self.play
        pause, steps, kind = chance.choice((0.4, 3, 8, 40)), chance.randrange(1, 60), chance.randrange(4)
        client, agent = self.text(acts.CLIENT_TEXTS, "кл "), self.text(acts.AGENT_TEXTS, "аг ")
        status = chance.choice(("waiting", "closed"))

        def happen() -> None:
            if kind == 0:  # no webhook tells of the agent's decision
                play.agent_sets(number, "closed")
                play.time_passes(pause)
                play.client_writes(number, False, client, "arrives")
            elif kind == 1:
                play.agent_sets(number, "closed")
                play.time_passes(pause)
                play.employee_ends(number, 0, "arrives")
            else:
                play.agent_replies(number, 0, agent, status, "now")
                if kind == 2 and self.stage.fuse is None and not self.stage.working:  # one pass at a time
                    play.meanwhile(steps, lambda: play.client_writes(number, False, client, "arrives"))
                else:
                    play.time_passes(pause)
                    play.client_writes(number, False, client, "arrives")

        return happen

    def step(self) -> None:
        """An act, a pass, some time, or trouble."""
        chance, play = self.chance, self.play
        drawn = chance.random()
        if drawn < 0.5:
            self.act()()
        elif drawn < 0.7:
            play.sync(chance.random() < FORCED)
        elif drawn < 0.85:
            self.time_passes()
        elif drawn < 0.88:
            play.late_webhooks(chance.choice(("asis", "reversed", "shuffled")))
        elif self.trouble:
            self.make_trouble()

    def time_passes(self) -> None:
        """Seconds or hours, the module being at work meanwhile or not."""
        seconds = self.chance.choice((0.4, 1, 1, 7, 30, 65, 70, 150, 400, 7200))
        self.play.time_passes(seconds, at_work=self.chance.random() < 0.5)

    def make_trouble(self) -> None:
        chance, play = self.chance, self.play
        steps = chance.choice((chance.randrange(1, 20), chance.randrange(1, 120)))
        kind = chance.randrange(4)
        if kind == 0:
            play.api_fault(chance.choice(API_FAULTS), chance.randrange(3))
        elif kind == 1:
            play.panel_fault(chance.choice(PANEL_FAULTS), chance.randrange(3))
        elif kind == 2:
            play.worker_dies(steps, chance.choice(("before", "after", "late")))
        else:
            play.meanwhile(steps, self.act())


def walk(
    mariadb: MariaDB, folder: Path, seed: int, steps: int, rest_every: int, trouble: bool = True, lanes: int = 1
) -> Stage:
    """One walk; AssertionError with the log when an invariant is broken."""
    random.seed(seed)
    draw = random.Random(seed)
    stage = Stage(mariadb, folder, desk=desk_settings(draw), lanes=lanes, **panel_shape(draw, seed))
    handler = _IntoLog(stage)
    logging.getLogger().addHandler(handler)
    try:
        going = Walk(stage, seed, trouble)
        for number in range(1, steps + 1):
            going.step()
            if number % rest_every == 0 or number == steps:
                rest(going.play)
    except Exception as error:
        error.add_note("\n".join(stage.log)) if hasattr(error, "add_note") else print("\n".join(stage.log))
        raise
    finally:
        logging.getLogger().removeHandler(handler)
        stage.close()
    return stage


class _IntoLog(logging.Handler):
    """The module's own log beside what was done, for --verbose."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage

    def emit(self, record: logging.LogRecord) -> None:
        self.stage.log.append(f"{self.stage.clock():.2f}         {record.name}: {record.getMessage()}")


def main() -> int:
    """Walks until one fails or all are done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first walk's; the next ones count on")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--rest", type=int, default=12, help="come to rest and compare after so many steps")
    parser.add_argument("--calm", action="store_true", help="no faults, no deaths, nothing in the middle of a pass")
    parser.add_argument(
        "--lanes", type=int, default=1, help="of the worker; with several a seed is not the same each time"
    )
    parser.add_argument("--go-on", action="store_true", help="report failures and go on")
    parser.add_argument("--verbose", action="store_true", help="show the module's log beside what was done")
    given = parser.parse_args()
    logging.getLogger().setLevel(logging.DEBUG if given.verbose else logging.ERROR)
    failed = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name, MariaDB(Path(name) / "db") as mariadb:
        for seed in range(given.seed, given.seed + given.runs):
            try:
                walk(mariadb, Path(name) / f"w{seed}", seed, given.steps, given.rest, not given.calm, given.lanes)
            except Exception as error:  # noqa: BLE001  every failure names its seed
                failed.append(seed)
                shown = "\n".join([*getattr(error, "__notes__", []), f"{type(error).__name__}: {error}"])
                print(f"{shown if not given.go_on else str(error)[:300]}\nFAILED: --seed {seed} --steps {given.steps}"
                      f" --rest {given.rest}{' --calm' if given.calm else ''}", flush=True)  # fmt: skip
                if not given.go_on:
                    import traceback

                    traceback.print_exception(error)
                    break
    print(f"{given.runs * given.steps} steps in {time.monotonic() - started:.0f} s, failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
