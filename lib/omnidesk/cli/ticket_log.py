"""The command ``log``: a ticket's lines from all logs, in order of time. Needs neither settings nor Omnidesk."""

from __future__ import annotations

from omnidesk.core import log_files
from omnidesk.core.errors import Refused
from omnidesk.core.log_files import Entry
from omnidesk.core.paths import Paths
from omnidesk.core.phrase import Phrase
from omnidesk.health.ticket_log import collect, known_names, shortened
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.wording.screen import Screen, moment, plain

_STYLES = {"CRITICAL": "bad", "ERROR": "bad", "WARNING": "warn", "INFO": "good", "EXTINFO": "cure", "DEBUG": "dim"}


def log(paths: Paths, given: Arguments) -> Answer:
    """The lines of one ticket. One that neither the panel nor any link or log knows is an error."""
    known = known_names(paths, given.id)
    found = collect(paths, known.names, given.after)
    if known.exists is False and not any(known.names.begins(one) for one in log_files.entries(paths.log)):
        raise Refused("no_ticket", value=str(given.id))  # what a wrong number left in the logs does not make it known
    answer = Answer([shown(one, given.screen, given.full) for one in found])
    for one in found:
        answer.element("line", plain(one.text), at=moment(one.at), log=one.log, level=one.level)
    if not found:
        answer.say(Phrase("show.no_line", ticket=given.id))
    return answer


def shown(one: Entry, screen: Screen, full: bool) -> str:
    """One entry: time, log, what it says; in its level's colour. Long values of the panel's requests are cut."""
    head, *more = one.text.split("\n")
    head = plain(head) if full else shortened(one)
    lines = [f"{moment(one.at)}  {one.log}  {head}", *(f"    {plain(line)}" for line in more)]
    return "\n".join(screen.paint(_STYLES[one.level], line) for line in lines)
