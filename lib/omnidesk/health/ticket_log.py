"""A ticket's lines from all logs, in order of time. Needs neither settings nor Omnidesk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from omnidesk.core import log_files
from omnidesk.core.errors import Failure
from omnidesk.core.log_files import Entry
from omnidesk.core.log_line import LEVELS
from omnidesk.core.paths import Paths
from omnidesk.wording.screen import cut, plain

LONGEST_VALUE = 60  # characters of a parameter in the panel's lines
_LIST = r"\d+(?:(?:, ?| and | и )\d+)*"
_CASES = r"[\d-]*\d(?:(?:, ?| and | и )[\d-]*\d)*"
# "ticket 17", "tickets 3, 7 and 12", "ticket-17"; "case 985687", "cases 237-696853, 5".
_TICKET = re.compile(rf"\b[Tt]ickets?[ -]({_LIST})(?![\w-])")
_CASE = re.compile(rf"\b[Cc]ases?[ /-]({_CASES})(?![\w-])")
_PARAMETER = re.compile(r"(?:^|[&'])(func|elid|plid)=([^&']*)")
# Functions whose elid is a ticket (or several) when there is no plid. That of ticket.edit is a row of ticket2user.
_OF_TICKETS = re.compile(
    r"clientticket[\w.]*|ticket_all(\.edit|\.delete)?|support_tool_\w+|omnidesk\.(case|queue\.(retry|ticket))"
)
_OF_MORE = re.compile(r"ticket[\w.]*")


@dataclass(frozen=True)
class Names:
    """By what a ticket is called in logs: its number, and the ids and numbers of its cases."""

    ticket: int
    cases: frozenset[str] = frozenset()

    def fits(self, one: Entry) -> bool:
        """Whether an entry of ours is about this ticket.

        One that begins with tickets is about these, whatever else it quotes; one that names tickets elsewhere is about
        those; one that names none is about the cases in it.
        """
        text = one.text.split("\n", 1)[0] if _begins(one) else one.text
        tickets = [_begins(one)] if _begins(one) else _TICKET.findall(text)
        if tickets:
            return any(str(self.ticket) in _numbers(found) for found in tickets)
        return any(not self.cases.isdisjoint(_numbers(found)) for found in _CASE.findall(text))

    def begins(self, one: Entry) -> bool:
        """Whether an entry says of itself that it is about this ticket."""
        return str(self.ticket) in _numbers(_begins(one))

    def asked(self, one: Entry) -> bool:
        """Whether a line of the panel is a request about this ticket."""
        given: dict[str, str] = {}
        for name, value in _PARAMETER.findall(one.text):
            if name == "plid" or name not in given:  # the parameters are in order, and a text comes before plid
                given[name] = unquote_plus(value)
        func, subject = given.get("func", ""), given.get("plid", "")
        if _OF_TICKETS.fullmatch(func):
            subject = subject or given.get("elid", "")
        elif not _OF_MORE.fullmatch(func):
            return False
        return str(self.ticket) in re.findall(r"\d+", subject)


def _begins(one: Entry) -> str:
    """The numbers of the tickets that an entry begins with, behind its module and level; "" when with none."""
    words = one.text.split("\n", 1)[0].split(" ", 2)
    found = _TICKET.match(words[2]) if len(words) > 2 and words[1] in LEVELS else None
    return found[1] if found else ""


def _numbers(text: str) -> list[str]:
    return re.findall(r"[\d-]+", text)


def collect(paths: Paths, names: Names, since: float = 0.0) -> list[Entry]:
    """The entries of all three logs, in order of time; of one second in the order of their files."""
    # What a case is called is also in the log itself, where the tables are gone or cannot be asked: the first case
    # of a line that begins with the ticket. What follows may be quoted.
    named: set[str] = set()
    for one in log_files.entries(paths.log, since):
        case = _CASE.search(one.text) if names.begins(one) else None
        named.update(_numbers(case[1]) if case else ())
    names = Names(names.ticket, names.cases | named)

    def of_panel(one: Entry) -> bool:
        return names.asked(one) or (_from_handler(one) and names.fits(one))

    found: list[Entry] = []
    for path, fits in ((paths.log, names.fits), (paths.webhook_log, names.fits), (paths.panel_log, of_panel)):
        found += [one for one in log_files.entries(path, since) if fits(one)]
    return sorted((one for one in found if one.at >= since), key=lambda one: one.at)


def shortened(one: Entry) -> str:
    """The entry's first line; long values of the panel's requests, such as messages, are cut."""
    head = plain(one.text.split("\n", 1)[0])
    return (
        re.sub(r"=([^&']*)", lambda found: "=" + cut(found[1], LONGEST_VALUE), head) if one.log == "billmgr" else head
    )


def _from_handler(one: Entry) -> bool:
    """Whether a line of the panel's log is our event handler's."""
    return one.text.startswith("omnidesk")


@dataclass(frozen=True)
class Known:
    """What the database knows of a ticket; ``exists`` None: it could not be asked."""

    names: Names
    exists: bool | None = None


def known_names(paths: Paths, ticket: int) -> Known:
    """Ids and numbers of the ticket's cases by the links; whether the panel or a link has the ticket."""
    from omnidesk.billmanager.reader import Reader
    from omnidesk.core import database as db
    from omnidesk.core import tables
    from omnidesk.store import schema

    found: list[str] = []
    try:
        database = db.Database(db.address(paths), read_only=True)
        try:
            exists = Reader(database).exists(ticket)
            if schema.version(database):
                rows = database.rows(
                    f"SELECT external_case AS id, case_number AS number FROM {tables.TICKETS} WHERE ticket = %s"
                    f" UNION SELECT external_case, '' FROM {tables.MESSAGES} WHERE ticket = %s",
                    ticket,
                    ticket,
                )
                exists = exists or bool(rows)
                found = [str(row[name]) for row in rows for name in ("id", "number") if row[name]]
        finally:
            database.close()
    except Failure:  # the logs are wanted most when something is down
        return Known(Names(ticket))
    return Known(Names(ticket, frozenset(found)), exists)
