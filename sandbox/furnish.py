"""Something to look at: a conversation that is in full swing, one that cannot be carried over, linked fields."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.demo.stage import BILLING, SUPPORT, Stage, Text
from sandbox.omnidesk.wire import Request
from sandbox.world import World

SUBJECT = Text("Сайт не открывается", "The site does not open")
LABEL = Text("деньги", "money")
FAILING = Text("Перенос домена", "Moving a domain")
_FIRST = Text(
    "Добрый день! С утра сайт отвечает **502**. На сервере ничего не меняли.",
    "Good morning! Since the morning the site answers **502**. We changed nothing on the server.",
)
_NOTE = Text("Тот же узел, что и вчера: проверить память.", "The same node as yesterday: look at its memory.")
_ANSWER = Text(
    "<p>Добрый день, Иван!</p><p>Сервис перезапущен, сайт снова <b>работает</b>. Причина — закончилась память.</p>",
    "<p>Good morning, Ivan!</p><p>The service was restarted, the site <b>works again</b>. It was out of memory.</p>",
)
_THANKS = Text("Спасибо, всё открывается.", "Thank you, it opens.")
_QUESTION = Text("Как перенести домен к вам?", "How do I move a domain to you?")


@dataclass(frozen=True)
class Furnished:
    """The ticket with a case, the case, and a ticket that Omnidesk refuses."""

    ticket: int
    case: int
    failing: int


def add_groups(world: World, lang: str) -> None:
    """A group in Omnidesk for each department, and a label: what a routing table may name."""
    for text in (SUPPORT, BILLING):
        world.omnidesk.add_group(getattr(text, lang))
    world.omnidesk.add_label(getattr(LABEL, lang))


def furnish(world: World, lang: str) -> Furnished:
    """Fill a configured world in which nothing has happened; returns when all that can be carried over has been."""
    stage = Stage(world, lang)
    add_groups(world, lang)
    panel, desk, say = world.panel, world.omnidesk, stage.say
    log = ("error.log", b"502\n" * 200)
    ticket = panel.client_creates_ticket(world.ivan.user, say(SUBJECT), say(_FIRST), [log], item=world.vps)
    stage.watch.until("a case", lambda: desk.cases)
    case = max(desk.cases)
    desk.agent_note(case, world.vera_staff, text=say(_NOTE))
    desk.agent_reply(case, world.anna_staff, html=say(_ANSWER))
    answer = stage.watch.until("the answer", lambda: [one for one in panel.messages(ticket) if one.staff])
    panel.client_rates(answer[-1].id, "good")
    panel.client_writes(world.ivan.user, ticket, say(_THANKS))
    stage.watch.until("the thanks", lambda: say(_THANKS) in [one.text for one in desk.thread(case)])

    def of_the_failing(request: Request) -> bool:
        texts = (request.body.decode(encoding, "replace") for encoding in ("utf-8", "unicode-escape"))
        return request.method == "POST" and any(say(_QUESTION) in one for one in texts)

    # Of the message, as a case is made without a subject that is refused.
    desk.faults.answer(400, '{"error": "wrong_content"}', on=of_the_failing, times=None)
    failing = panel.client_creates_ticket(world.petra.user, say(FAILING), say(_QUESTION))
    world.sync()
    return Furnished(ticket, case, failing)
