"""The command ``log``: a ticket's lines out of all logs, in order of time. Needs neither settings nor Omnidesk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from omnidesk import log_files
from omnidesk.answer import Answer
from omnidesk.arguments import Arguments
from omnidesk.errors import Failure
from omnidesk.log_files import Entry
from omnidesk.paths import Paths
from omnidesk.screen import Screen, cut, moment, plain

_STYLES = {"CRITICAL": "bad", "ERROR": "bad", "WARNING": "warn", "INFO": "good", "EXTINFO": "cure", "DEBUG": "dim"}
LONGEST_VALUE = 60  # characters of a parameter in the panel's lines without --full
_CASE = re.compile(r"\bcase (\d[\d-]*)")
_FUNCTIONS = r"func=(?:clientticket|ticket|ticket_all|support_tool_responsible|omnidesk)\b[\w.]*"


@dataclass(frozen=True)
class Names:
    """By what a ticket is called in logs: its number, and the ids and numbers of its cases."""

    ticket: int
    cases: frozenset[str] = frozenset()

    def pattern(self) -> re.Pattern[str]:
        """Our own lines: "ticket 17", "ticket-17", "case 985687", "case 237-696853"."""
        cases = "|".join(re.escape(one) for one in sorted(self.cases, key=len, reverse=True))
        wanted = rf"\btickets?[ -]{self.ticket}\b(?!-)"
        return re.compile(rf"{wanted}|\bcases?[ -/](?:{cases})(?![\d-])" if cases else wanted)

    def request(self) -> re.Pattern[str]:
        """The panel's lines about requests: its ticket functions with this number as elid or plid."""
        number = rf"\b(?:elid|plid)={self.ticket}\b"
        return re.compile(rf"(?:{_FUNCTIONS}.*{number}|{number}.*{_FUNCTIONS})", re.DOTALL)


def log(paths: Paths, given: Arguments) -> Answer:
    """The lines of one ticket."""
    names = Names(given.id, frozenset(known_cases(paths, given.id)))
    found = collect(paths, names, given.after)
    answer = Answer([shown(one, given.screen, given.full) for one in found])
    if not found:
        answer.say(given.screen.choose(f"no line is about ticket {given.id}", f"о запросе {given.id} строк нет"))
    return answer


def collect(paths: Paths, names: Names, since: float = 0.0) -> list[Entry]:
    """The entries of all three logs, in order of time; of one second in the order of their files."""
    # What a case is called is also told by the log itself, where the tables are gone or cannot be asked.
    ours = names.pattern()
    told = {
        case for one in log_files.entries(paths.log, since) if ours.search(one.text) for case in _CASE.findall(one.text)
    }
    names = Names(names.ticket, names.cases | told)
    ours, request = names.pattern(), names.request()

    def of_panel(one: Entry) -> bool:
        return bool(request.search(one.text) or (_from_handler(one) and ours.search(one.text)))

    def of_module(one: Entry) -> bool:
        return bool(ours.search(one.text))

    found: list[Entry] = []
    for path, fits in ((paths.log, of_module), (paths.webhook_log, of_module), (paths.panel_log, of_panel)):
        found += [one for one in log_files.entries(path, since) if fits(one)]
    return sorted((one for one in found if one.at >= since), key=lambda one: one.at)


def _from_handler(one: Entry) -> bool:
    """Whether a line of the panel's log is our event handler's."""
    return one.text.startswith("omnidesk")


def known_cases(paths: Paths, ticket: int) -> list[str]:
    """Ids and numbers of the ticket's case by the links; none when the database cannot be asked."""
    from omnidesk import db
    from omnidesk.links.schema import MESSAGES, TICKETS

    found: list[str] = []
    try:
        database = db.Database(db.address(paths), read_only=True)
        try:
            sql = f"SELECT external_case AS id, case_number AS number FROM {TICKETS} WHERE ticket = %s"
            for row in database.rows(sql, ticket):
                found += [str(row["id"] or ""), str(row["number"] or "")]
            sql = f"SELECT DISTINCT external_case AS id FROM {MESSAGES} WHERE ticket = %s AND external_case > 0"
            found += [str(row["id"]) for row in database.rows(sql, ticket)]
        finally:
            database.close()
    except Failure:  # the logs are wanted most when something is down
        pass
    return [one for one in found if one]


def shown(one: Entry, screen: Screen, full: bool) -> str:
    """One entry: time, log, what it says; in its level's colour. Long values of the panel's requests are cut."""
    head, *more = one.text.split("\n")
    head = plain(head)
    if not full and one.log == "billmgr":
        head = re.sub(r"=([^&']*)", lambda found: "=" + cut(found[1], LONGEST_VALUE), head)
    lines = [f"{moment(one.at)}  {one.log}  {head}", *(f"    {plain(line)}" for line in more)]
    return "\n".join(screen.paint(_STYLES[one.level], line) for line in lines)
