"""The panel's event handler: an addon that the panel runs after its ticket functions.

The panel waits for it and takes its stdout for the answer to the user, so the first thing done is to hand the
session document back byte for byte, and whatever fails afterwards is no concern of the user: one line in the panel's
own log. The event only says where to look (a ticket, an assignment row); the worker finds out what there is to do. Only
a rating is recorded as the event has it, because nobody knows where the panel stores it. In doubt
an event is written: one too many costs a look at the database, one too few a delay of a minute, until the scan.

Functions of the module's own (``omnidesk.*``) come to the same executable; :func:`serve` is where they leave this path.
So do the pages of a ticket, before the panel shows them (the stage ``after``): they get the address of a link, and
nothing is written, as the stage ``final`` of the same call does.
"""

import os
import time

from omnidesk.core import log_line
from omnidesk.core.paths import Paths, find_root
from omnidesk.hooks import spool, worker_start

EMPTY_DOCUMENT = b'<?xml version="1.0" encoding="UTF-8"?>\n<doc/>\n'
OWN_FUNCTIONS = "omnidesk."
FAILURE = "no_program"  # a type of omnidesk.wording.error_texts
PANEL_FUNCTION = "--panel-function"  # the option with which the full program serves one; omnidesk.cli.main knows it too
LONGEST_ID = 64
MOST_EVENTS = 100  # a selection of more tickets than this is found by the scan
OF_TICKETS = ("clientticket.edit", "clientticket.archive", "ticket_all.edit", "ticket_all.delete")  # their elid
RATINGS = {"ticket.message.rate.good": "good", "ticket.message.rate.bad": "bad"}
KNOWN = (*OF_TICKETS, *RATINGS, "ticket.edit", "support_tool_responsible")
BUTTONS_BACK = ("cancel", "back")
CASE_FIELD = b"omnidesk_case"  # the link's field in etc/xml
CLOSING = b"</doc>"
OPENING = 65536  # bytes in which a document's first tag ends
STAFF_LEVELS = ("29", "30")  # documented: administrators and employees, root
PLAIN = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-"


def main(executable: str) -> int:
    """Serve one run of the handler. The exit code is always 0: the panel shows any other as a broken plugin."""
    function = _variable("PARAM_func")
    if function.startswith(OWN_FUNCTIONS) and _variable("EVENT_TYPE") in ("", "action"):
        return serve(Paths(find_root(executable)))
    document = _read_all()
    if _variable("EVENT_TYPE") == "after":
        _write_all(with_case_link(document) or EMPTY_DOCUMENT)
        return 0
    echoed = _write_all(document or EMPTY_DOCUMENT)
    paths = Paths(find_root(executable))
    log = log_line.Log(paths.panel_log, "omnidesk", paths.debug_conf)
    if echoed:
        log.write("WARNING", f"the panel did not read its document: {echoed}")
    try:
        _write_events(paths, log, document)
    except OSError as problem:
        _failed(log, f"{problem.filename or paths.spool}: {problem.strerror}")
    except Exception as unforeseen:  # noqa: BLE001  the border: the panel must go on whatever happens here
        _failed(log, repr(unforeseen))
    return 0


def serve(paths: Paths) -> int:
    """Answer a function of the module's own: become the full program, with stdin unread and the environment as it is.

    So forms and lists cost the hook nothing. Returns only when that program cannot be started.
    """
    try:
        os.execv(paths.executable, [paths.executable, PANEL_FUNCTION])  # noqa: S606  our own program, no shell wanted
    except OSError as problem:
        _read_all()  # the panel would meet a closed pipe otherwise
        value = _escaped(f"{paths.executable}: {problem.strerror}")
        details = f'<param name="object">addon/omnidesk</param><param name="value">{value}</param>'
        error = f'<error type="omnidesk_{FAILURE}" object="addon/omnidesk">{details}<msg>{value}</msg></error>'
        _write_all(f'<?xml version="1.0" encoding="UTF-8"?>\n<doc>{error}</doc>\n'.encode())
    return 0


def _escaped(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._-/: " else "?" for letter in text[:300])


def _failed(log: log_line.Log, why: str) -> None:
    log.write("ERROR", f"{_described()} could not be recorded; the next scan will find the change: {why}")


# A link in a ticket's page


def with_case_link(document: bytes) -> bytes:
    """A ticket's page with the address of the link to its case; byte for byte as it was when it is no such page.

    The address is that of a function of the module's, which finds the case when somebody follows the link: this runs
    within the panel's transaction, so it looks at nothing but the request.
    """
    ticket = _ticket_shown()
    end = document.rfind(CLOSING)
    if not ticket or end < 0 or document[end + len(CLOSING) :].strip() or not _is_page(document):
        return document
    place = _attribute(document, b'binary="') or b"/billmgr"
    return b"%s<%s>%s?func=omnidesk.case&amp;%s</%s>%s" % (
        document[:end], CASE_FIELD, place, ticket.encode(), CASE_FIELD, document[end:]
    )  # fmt: skip


def _ticket_shown() -> str:
    """Which ticket's page is being opened by staff, as a parameter of ``omnidesk.case``; "" when none is."""
    function, level = _variable("PARAM_func"), _variable("AUTH_LEVEL")
    if function not in ("ticket.edit", "ticket_all.edit") or _touched(function) or level not in STAFF_LEVELS:
        return ""
    parents, elements = _ids("PARAM_plid"), _ids("PARAM_elid")
    if function == "ticket_all.edit":
        return f"elid={elements[0]}" if len(elements) == 1 else ""
    if len(parents) == 1:
        return f"elid={parents[0]}"
    return f"assignment={elements[0]}" if len(elements) == 1 else ""


def _is_page(document: bytes) -> bool:
    """A document in UTF-8 whose root is ``doc``, without DTD, error, or this very element."""
    start = document[:OPENING].lstrip()
    if start.startswith(b"<?xml"):
        end = start.find(b"?>")
        encoding = _attribute(start[:end] + b">", b'encoding="') if end > 0 else b"?"
        if encoding.lower() not in (b"", b"utf-8"):
            return False
        start = start[end + 2 :].lstrip()
    known = (b"<error", b"<%s>" % CASE_FIELD, b"<!DOCTYPE")
    return start.startswith((b"<doc ", b"<doc>")) and not any(mark in document for mark in known)


def _attribute(document: bytes, name: bytes) -> bytes:
    """An attribute of the first tag that has one; b"" when there is none, or when it is no plain word or path."""
    head = document[: document.find(b">", document.find(b"<doc") if b"<doc" in document else 0) + 1]
    start = head.find(name)
    value = head[start + len(name) : head.find(b'"', start + len(name))] if start >= 0 else b""
    return value if all(sign in PLAIN for sign in value) else b""


# Events


def _write_events(paths: Paths, log: log_line.Log, document: bytes) -> None:
    names = subjects(document)
    if not names:
        return
    written: list[str] = []
    failed: OSError | None = None
    for name, hints in names.items():
        try:
            spool.put(paths.spool, name, {**hints, "time": str(int(time.time()))})
            written.append(name)
        except OSError as problem:  # the others may be taken all the same
            failed = failed or problem
    if written:
        log.write("EXTINFO", f"{_described()}: {', '.join(written[:5])}{' …' if len(written) > 5 else ''}")
        try:
            worker_start.wake_worker(paths)
        except OSError as problem:
            log.write("ERROR", f"the worker cannot be started, the timer will: {paths.executable}: {problem.strerror}")
    if failed is not None:
        raise failed


def subjects(document: bytes) -> dict[str, dict[str, str]]:
    """The names of the records to write, each with hints for the worker's log; empty when nothing was submitted."""
    function = _function()
    if not _touched(function) or is_error(document):
        return {}
    hints = {"function": log_line.clean(function, 64), "by": log_line.clean(_variable("AUTH_USER"), 64)}
    parents, elements = _ids("PARAM_plid"), _ids("PARAM_elid")
    if function == "ticket.edit":  # its elid is the assignment's (documented), which may be gone already
        if len(parents) == 1 and len(elements) <= 1:
            return {f"ticket-{parents[0]}": {**hints, "t2u": "".join(elements)}}
        names = [f"t2u-{row}" for row in elements]
    elif function in RATINGS:  # elid is the message, plid its ticket (seen)
        names = [f"rating-{message}" for message in elements]
        hints |= {"rating": RATINGS[function], "ticket": "".join(parents[:1])}
    elif function in OF_TICKETS:
        tickets = elements or parents or created(document)
        names = [f"ticket-{ticket}" for ticket in tickets]
    elif function == "support_tool_responsible":  # plid when a ticket is moved, elid when it is reopened (seen)
        names = [f"ticket-{ticket}" for ticket in parents or elements]
    else:
        names = []
    if 0 < len(names) <= (1 if _by_client() and function != "clientticket.archive" else MOST_EVENTS):
        return dict.fromkeys(names, hints)
    for key, ids in (("plid", parents), ("elid", elements)):
        if ids:
            hints[key] = ",".join(ids[:MOST_EVENTS])
    return {"scan": hints}


def _function() -> str:
    """The function the event is for: the request's own, unless it is unknown here and the panel names another."""
    asked, acted = _variable("PARAM_func"), _variable("ACTION_NAME")
    return acted if acted in KNOWN and asked not in KNOWN else asked or acted


def _touched(function: str) -> bool:
    """Whether something was submitted. Events fire when a form is opened, too (documented)."""
    if _variable("PARAM_sok") == "ok" or _variable("PARAM_sv_field").startswith("ok"):
        return True
    if _variable("PARAM_clicked_button") not in ("", *BUTTONS_BACK):
        return True
    return bool(function) and not function.endswith(".edit") and function != "support_tool_responsible"


def _by_client() -> bool:
    """Whether a client acts (documented: levels below 28, the departments'): he writes in one ticket at a time.

    Only to archive tickets may he select several (seen).
    """
    level = _variable("AUTH_LEVEL")
    return level.isascii() and level.isdigit() and int(level[:4]) < 28


def _ids(variable: str) -> list[str]:
    """The ids of a parameter, ``17`` or ``1, 2, 3`` (documented), without leading zeros; what is none is left out."""
    return _positive(_variable(variable).replace(",", " ").split())


def _positive(words: list[str]) -> list[str]:
    plain = [word for word in words if word.isascii() and word.isdigit() and len(word) <= 18]
    return [str(int(word)) for word in plain if int(word)]


def is_error(document: bytes) -> bool:
    """Whether the panel answered with an error: the function did nothing."""
    if b"<error" not in document:
        return False
    import pyexpat

    depth, found = 0, False
    parser = pyexpat.ParserCreate()

    def start(name: str, _: object) -> None:
        nonlocal depth, found
        depth += 1
        found = found or (name == "error" and depth <= 2)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(document, True)
    except (pyexpat.ExpatError, ValueError, LookupError):
        return False  # not readable: the scan, or the event's own parameters, say what it was
    return found


def created(document: bytes) -> list[str]:
    """The id of a ticket that was created just now, from the panel's answer: the root's own ``<id>``.

    Empty when there is none, or when the document is not XML or has a DTD, which the panel never writes.
    """
    if b"<id" not in document:
        return []
    import pyexpat  # in C, and only for a ticket that has no id in the request

    depth = 0
    texts: list[str] = []
    parser = pyexpat.ParserCreate()
    parser.ordered_attributes = True  # a list is cheaper than a dict, and nobody looks at it

    def start(name: str, _: object) -> None:
        nonlocal depth
        depth += 1
        if depth == 2 and name == "id":
            texts.append("")
            parser.CharacterDataHandler = text
        elif depth == 3:
            parser.CharacterDataHandler = None

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1
        parser.CharacterDataHandler = None

    def text(data: str) -> None:
        if len(texts[-1]) < LONGEST_ID:  # it comes in as many pieces as it has lines
            texts[-1] += data

    def doctype(*_: object) -> None:
        raise ValueError("a document type is not accepted")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(document, True)
    except (pyexpat.ExpatError, ValueError, LookupError):  # the last for an unknown encoding
        return []
    return _positive([given.strip() for given in texts])[:1]


def _described() -> str:
    ids = f"elid {','.join(_ids('PARAM_elid')[:5]) or '-'}, plid {','.join(_ids('PARAM_plid')[:5]) or '-'}"
    return f"{log_line.clean(_function(), 64) or 'an event'} ({ids})"


def _variable(name: str) -> str:
    return os.environ.get(name, "")


def _read_all() -> bytes:
    pieces = []
    try:
        while piece := os.read(0, 1 << 16):
            pieces.append(piece)
    except OSError:
        return b"".join(pieces)  # started without stdin
    return b"".join(pieces)


def _write_all(data: bytes) -> str:
    """Write to stdout; what went wrong, or ""."""
    try:
        while data:
            data = data[os.write(1, data) :]
    except OSError as problem:
        return problem.strerror or "error"
    return ""
