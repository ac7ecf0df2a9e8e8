"""The steps that look at the module's own part in the panel: its events, its link in a page, its form's secrets."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator

from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase
from omnidesk.probe.findings import Finding, judged, names, yes
from omnidesk.probe.trial.kit import Kit
from omnidesk.probe.trial.panel_steps import failed

log = logging.getLogger("probe")
FORM = "omnidesk.settings"
LINK = "omnidesk_case"  # the element by which a ticket's page leads to its case
MOST_BYTES = 16 * 1024 * 1024  # of the panel's log that is looked through
# Of what the trial calls, the functions whose events the module cannot do without.
EVENTS = ("clientticket.edit", "clientticket.archive", "ticket.edit", "ticket_all.edit", "ticket.message.rate.good",
          "ticket.message.rate.bad")  # fmt: skip


class PluginSteps:
    """Each step makes its calls and says what came of them."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    def private(self) -> Iterator[Finding]:
        """The form is opened with a value for a private field, and one for another field, which the log shows."""
        path = self.kit.context.paths.panel_log
        start = _size(path)
        private, other = secrets.token_hex(12), secrets.token_hex(12)
        try:
            self.kit.panel.call(FORM, {"api_key": private, "email": other})
        except Failure as failure:  # what the form says is of no interest here
            log.info("%s: %s", FORM, failure)
        written = _since(path, start)
        shown, logged = private.encode() in written, other.encode() in written
        right = False if shown else True if logged else None
        yield judged("trial.private", right, Phrase("trial.logged", private=yes(shown), others=yes(logged)))

    def page(self) -> Iterator[Finding]:
        """The page in which the employee answers, after the module's handler has seen it."""
        kit = self.kit
        given = {"elid": kit.mine(), "plid": kit.ticket, "su": kit.people.employee.login}
        try:
            found = kit.panel.call("ticket.edit", given).find(LINK) is not None
        except Failure as failure:
            yield judged("trial.page", None, Phrase("trial.refused", why=failed(failure)))
            return
        yield judged("trial.page", found, Phrase("trial.link", there=yes(found)))

    def events(self) -> Iterator[Finding]:
        """Which events have come, by those that wait and those that a worker has taken."""
        missing = set(EVENTS) - {*self.kit.panel.hear(), *self.kit.context.state.functions()}
        shown = names(one.replace(".", "_") for one in missing)
        yield judged("trial.events", not missing, Phrase("trial.no_events", functions=shown))


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _since(path: str, start: int) -> bytes:
    """What was written into a log since; all of it if it was rotated meanwhile."""
    try:
        with open(path, "rb") as file:
            file.seek(start if os.fstat(file.fileno()).st_size >= start else 0)
            return file.read(MOST_BYTES)
    except OSError:
        return b""
