"""One step of the story: somebody acts on one side, and the page shows what came of it on both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sandbox.demo.screen import Line, Row, Screen
from sandbox.demo.sides import Conversation, Entry, Side, as_read, differences
from sandbox.demo.stage import Stage, Text
from sandbox.watch import Stuck

STATES = {
    "open": (Text("в работе", "in work"), Text("открыто", "open")),
    "waiting": (Text("ждёт клиента", "waits for the client"), Text("в ожидании", "waiting")),
    "closed": (Text("в архиве", "archived"), Text("закрыто", "closed")),
}
KINDS = {"client": Text("клиент", "client"), "staff": Text("сотрудник", "staff"), "note": Text("заметка", "note")}
RATINGS = {
    "good": Text("хорошо", "good"),
    "bad": Text("плохо", "bad"),
    "low": Text("плохо", "low"),
    "high": Text("отлично", "high"),
}
NOBODY = Side("", "", (), (), {})
POLLING = "GET /api/cases.json"


@dataclass(frozen=True)
class Took:
    """What a step cost: seconds from the beginning of the act until both sides were equal, and API calls but polls."""

    seconds: float
    calls: int


class Steps:
    """Plays steps and remembers what both sides looked like after the last one."""

    def __init__(self, stage: Stage, screen: Screen) -> None:
        self.stage = stage
        self.screen = screen
        self.number = 0
        self.took: list[Took] = []
        self.conversations: list[Conversation] = []
        self._shown: dict[Conversation, tuple[Side, Side]] = {}
        desk = stage.say(Text("Омнидеск", "Omnidesk"))
        screen.line()
        screen.rows([Row([Line("BILLmanager", "bold")], [Line(desk, "bold")])])

    def new_ticket(self, heading: Text, act: Callable[[], int]) -> Conversation:
        """A client opens a ticket; ``act`` returns its id. The step ends when its case is there and equal."""
        desk, watch = self.stage.world.omnidesk, self.stage.watch
        known = set(desk.cases)
        started, calls = self._begin(heading)
        ticket = act()
        watch.until("a case for the new ticket", lambda: set(desk.cases) - known)
        conversation = Conversation(ticket, max(desk.cases))
        self.conversations.append(conversation)
        self._finish(conversation, ("open", "open"), started, calls, "right")
        return conversation

    def step(
        self,
        conversation: Conversation,
        heading: Text,
        arrow: str,
        act: Callable[[], object],
        status: tuple[str, str] = ("open", "open"),
    ) -> None:
        """``act`` happens on one side; the step ends when both are equal and have the ``status`` (ticket's, case's)."""
        started, calls = self._begin(heading)
        act()
        self._finish(conversation, status, started, calls, arrow)

    def _begin(self, heading: Text) -> tuple[float, int]:
        self.number += 1
        self.screen.begin(f"{self.number}. {self.stage.say(heading)}")
        return time.monotonic(), self._calls()

    def _finish(
        self, conversation: Conversation, status: tuple[str, str], started: float, calls: int, arrow: str
    ) -> None:
        stage = self.stage

        def wrong() -> list[str]:
            left, right = stage.left(conversation), stage.right(conversation)
            states = (left.status, right.status)
            return differences(left, right) + ([] if states == status else [f"statuses {states}, not {status}"])

        try:
            stage.watch.until("both sides are equal", lambda: not wrong())
        except Stuck as stuck:
            raise Stuck("\n".join([*wrong(), str(stuck)])) from stuck
        seconds = time.monotonic() - started
        stage.watch.settled()
        took = Took(seconds, self._calls() - calls)
        self.took.append(took)
        self.screen.end(self._cost(took))
        self._show(conversation, arrow)

    def _calls(self) -> int:
        return self.stage.world.omnidesk.calls_count(exclude=[POLLING])

    def _cost(self, took: Took) -> str:
        ru = f"{took.seconds:.2f} с, вызовов API: {took.calls}".replace(".", ",")
        return self.stage.say(Text(ru, f"{took.seconds:.2f} s, API calls: {took.calls}"))

    # The page

    def _show(self, conversation: Conversation, arrow: str) -> None:
        """What is new on both sides since the step before."""
        left, right = self.stage.left(conversation), self.stage.right(conversation)
        old_left, old_right = self._shown.get(conversation, (NOBODY, NOBODY))
        rows: list[Row] = []
        if old_left is NOBODY:
            rows.append(Row(*self._titles(conversation, left, right), arrow))
        for part in ("messages", "notes"):
            ours = _news(getattr(old_left, part), getattr(left, part))
            theirs = _news(getattr(old_right, part), getattr(right, part))
            for one, other in zip(ours, theirs, strict=True):
                rows.append(Row(self._entry(one), self._entry(other), arrow))
        if (left.status, right.status) != (old_left.status, old_right.status):
            rows.append(Row([self._status(left, 0)], [self._status(right, 1)], arrow))
        rows += self._fields(old_right, right)
        self.screen.rows(rows)
        self._shown[conversation] = left, right

    def _titles(self, conversation: Conversation, left: Side, right: Side) -> tuple[Sequence[Line], Sequence[Line]]:
        number = self.stage.world.omnidesk.cases[conversation.case].case_number
        ticket = self.stage.say(Text("Запрос", "Ticket"))
        case = self.stage.say(Text("Обращение", "Case"))
        return (
            [Line(f"{ticket} {conversation.ticket}: {left.title}", "bold")],
            [Line(f"{case} {number}: {right.title}", "bold")],
        )

    def _entry(self, entry: Entry) -> Sequence[Line]:
        if entry.text == "":
            return self._rating(entry)
        who = f"{entry.author}, {self.stage.say(KINDS[entry.kind])}"
        lines = [Line(who, entry.kind), Line(as_read(entry.text), indent=2)]
        lines += [Line(f"[{file.name}, {self._size(len(file.content))}]", "dim", 2) for file in entry.files]
        return [*lines, *(self._rating(entry) if entry.rating else [])]

    def _rating(self, entry: Entry) -> Sequence[Line]:
        word = self.stage.say(Text("Оценка", "Rating"))
        who = self.stage.say(Text(f"ответа №{entry.id}", f"of reply {entry.id}"))
        value = self.stage.say(RATINGS[entry.given or entry.rating])
        return [Line(f"{word} {who}: {value}", "good")]

    def _size(self, size: int) -> str:
        ru = f"{size} Б" if size < 1024 else f"{size / 1024:.0f} КБ"
        return self.stage.say(Text(ru, ru.replace("КБ", "KB").replace("Б", "B")))

    def _status(self, side: Side, which: int) -> Line:
        word = self.stage.say(Text("Статус", "Status"))
        state = self.stage.say(STATES[side.status][which])
        holders = f" ({', '.join(side.holders)})" if side.holders and side.status == "open" else ""
        return Line(f"{word}: {state}{holders}", "dim")

    def _fields(self, old: Side, new: Side) -> list[Row]:
        """Fields that changed: on the left by the name of the value that they are linked with."""
        rows: list[Row] = []
        for one in self.stage.linked:
            title = one.field.title
            if new.fields[title] != old.fields.get(title, "") and not (old is NOBODY and new.fields[title] == "no"):
                value = {"yes": Text("да", "yes"), "no": Text("нет", "no")}.get(new.fields[title])
                shown = self.stage.say(value) if value else new.fields[title]
                name = self.stage.value_names[one.value]
                rows.append(Row([Line(f"{name}: {shown}", "dim")], [Line(f"{title}: {shown}", "dim")], "right"))
        return rows


def _news(old: tuple[Entry, ...], new: tuple[Entry, ...]) -> list[Entry]:
    """New entries, and those with another rating, which are shown by their rating alone."""
    before = {entry.id: entry for entry in old}
    found = []
    for entry in new:
        if entry.id not in before:
            found.append(entry)
        elif entry != before[entry.id]:
            found.append(replace(entry, text=""))
    return found
