"""The command ``probe``: all checks, each failing alone, as a report that can be sent to the maintainers.

Nothing is written but the record of the account's calls (``var/omnidesk/rate``), without which the limit could not be
kept, and the module's own log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from omnidesk.billmanager.program import runner
from omnidesk.content.urls import host
from omnidesk.context import Context
from omnidesk.core import database as database
from omnidesk.core import settings as settings_file
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Failure, system_words
from omnidesk.core.paths import Paths
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Settings
from omnidesk.probe.database import DatabaseChecks
from omnidesk.probe.desk import DeskChecks
from omnidesk.probe.findings import AS_ASSUMED, DIFFERS, FACT, NOT_SETTLED, PARTS, Blotter, Check, Finding, judged
from omnidesk.probe.host import HostChecks
from omnidesk.probe.panel import PanelChecks
from omnidesk.probe.threads import ThreadChecks
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.wording.screen import Screen, wrap

log = logging.getLogger("probe")
WIDE = 110
_MARKS = {AS_ASSUMED: "✓", DIFFERS: "✗", NOT_SETTLED: "·", FACT: " "}


def probe(paths: Paths, dependencies: Dependencies, given: Arguments, secrets: set[str]) -> Answer:
    """Settle what can be settled from here. ``secrets``: what no log line may hold; those of the settings are added."""
    chosen = settings_of(paths, secrets)
    found = list(Blotter(secrets).all(collect(paths, dependencies, chosen, given.no_omnidesk, secrets)))
    answer = Answer(list(report(found, given.screen)), data=as_data(found))
    for one in found:
        answer.element("finding", str(one.found), key=one.key, verdict=one.verdict)
    return answer


def settings_of(paths: Paths, secrets: set[str]) -> Settings | None:
    """The settings, whose secrets are added to ``secrets``; None where they cannot be read."""
    try:
        chosen = settings_file.load(paths.settings)
    except Failure:
        return None  # what needs them says so; the rest does not
    secrets.update(chosen.secrets)
    secrets.add(chosen.url.partition("://")[2])
    return chosen


def collect(
    paths: Paths, dependencies: Dependencies, chosen: Settings | None, no_omnidesk: bool, secrets: set[str]
) -> Iterator[Finding]:
    """All findings, in the order of the report."""
    yield from _all(HostChecks(paths).checks())
    yield from _database(paths, chosen, secrets)
    yield from _all(PanelChecks(paths, dependencies.run_mgrctl or runner(paths)).checks())
    if no_omnidesk:
        return
    if chosen is None:
        yield judged("desk.headers", None, Phrase("probe.no_settings"))
        return
    context = Context(paths, chosen, dependencies, read_only=True)
    try:
        desk = DeskChecks(context)
        yield from _all(desk.checks())
        yield from _all(ThreadChecks(desk.ask, host(chosen.url), desk.signatures).checks())
    finally:
        context.close()


def _database(paths: Paths, chosen: Settings | None, secrets: set[str]) -> Iterator[Finding]:
    try:
        address = database.address(paths)
    except Failure as failure:
        yield judged("tables.server", None, Phrase("probe.failed", type=failure.type))
        return
    secrets.update({address.password.reveal(), address.name} - {"", "billmgr"})
    connection = database.Database(address, read_only=True)
    column = chosen.rating_column if chosen is not None else ""
    try:
        yield from _all(DatabaseChecks(connection, "" if column.lower() == "off" else column).checks())
    finally:
        connection.close()


def _all(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Each check for itself: one that cannot be made is not settled, with the reason."""
    for key, check in checks:
        try:
            yield from list(check())
        except Failure as failure:
            log.info("%s: %s", key, failure)
            yield judged(key, None, _reason(failure))
        except OSError as error:
            yield judged(key, None, system_words(error))
        except Exception as error:  # an answer of a shape that was not expected is a finding as well
            log.exception("%s", key)
            yield judged(key, None, Phrase("probe.unforeseen", type=type(error).__name__))


def _reason(failure: Failure) -> Phrase:
    """The other side's own words may hold anything: only what this module says of an answer is shown."""
    why = failure.words
    if failure.type == "panel_answer" and isinstance(why, Phrase):
        return Phrase("probe.failed_call", type=failure.type, why=why)
    return Phrase("probe.failed", type=failure.type)


# The report


def report(found: list[Finding], screen: Screen) -> Iterator[str]:
    """For reading: by part, each with its key, which docs/unverified.md names."""
    yield from wrap(screen.text("probe.head"), min(screen.width, WIDE))  # fmt: skip
    part = ""
    for one in found:
        if one.key.partition(".")[0] != part:
            part = one.key.partition(".")[0]
            yield ""
            yield screen.paint("head", screen.text(f"probe.part_{part}"))
        yield from lines(one, screen)
    yield ""
    yield "; ".join(
        f"{_verdict(verdict, screen)}: {sum(one.verdict == verdict for one in found)}"
        for verdict in (AS_ASSUMED, DIFFERS, NOT_SETTLED)
    )


def _verdict(verdict: str, screen: Screen) -> str:
    return screen.text(f"probe.{verdict.replace(' ', '_')}")


def lines(one: Finding, screen: Screen) -> Iterator[str]:
    """One finding, for reading."""
    mark = _MARKS[one.verdict]
    style = {AS_ASSUMED: "good", DIFFERS: "bad", NOT_SETTLED: "dim"}.get(one.verdict, "")
    verdict = "" if one.verdict == FACT else _verdict(one.verdict, screen)
    head = f"{mark} {one.key}: {one.about.text(screen.language)}" + (f" — {verdict}" if verdict else "")
    yield screen.paint(style, head)
    room = min(screen.width, WIDE) - 4
    yield from (f"    {line}" for part in one.found.text(screen.language).split(PARTS) for line in wrap(part, room))
    cure = one.about.cure(screen.language)
    if one.verdict == DIFFERS and cure:
        yield screen.paint("cure", f"    → {cure}")


def as_data(found: list[Finding]) -> dict[str, Any]:
    """The same for ``--json``."""
    return {"probe": [datum(one) for one in found]}


def datum(one: Finding) -> dict[str, str]:
    """One finding, for ``--json``: in English, as docs/unverified.md is, whoever sends it to the maintainers."""
    return {
        "key": one.key,
        "verdict": one.verdict,
        "found": str(one.found),
        "about": str(one.about),
        **({"mend": one.about.cure("en")} if one.verdict == DIFFERS else {}),
    }
