"""``check_connection``: everything that must be right for the synchronisation, each finding with its fix."""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from omnidesk.alerts.channels import configured
from omnidesk.alerts.watch import failing
from omnidesk.billmanager import notes_table, samples
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Misconfigured, system_words
from omnidesk.core.paths import private_folder
from omnidesk.core.phrase import Phrase, join
from omnidesk.core.settings import Secret, Settings
from omnidesk.custom_fields import catalogue
from omnidesk.custom_fields.catalogue import Entity
from omnidesk.health import check_account, check_employees, check_routing, timer
from omnidesk.store import schema
from omnidesk.sync.edit_actions import MESSAGE
from omnidesk.wording.answer import Answer
from omnidesk.wording.findings import Finding, finding, of_failure, ok, topic_label
from omnidesk.worker.scan import baseline

log = logging.getLogger("check")
MARKS = {"ok": "✓", "info": "·", "warning": "!", "error": "✗"}


def check(context: Context) -> list[Finding]:
    """All findings; a part that cannot be looked at because an earlier one failed is left out."""
    context.gate.unblock()  # the administrator may have fixed the cause
    found: list[Finding] = [*_files(context)]
    database = _part(found, "database", _database, context)
    panel = _part(found, "panel", _panel, context)
    if database:
        employees = _part(found, "employee", check_employees.speakers, context)
        if panel and employees:
            _part(found, "rights", check_employees.rights, context)
        if panel:
            _part(found, "panel", _uploads, context)
            _part(found, "edits", _edits, context)
        _part(found, "alerts", _alerts, context)
        if _part(found, "omnidesk", _account, context):
            if panel:
                _part(found, "staff", check_employees.counterparts, context)
            _part(found, "account", check_account.hints, context)
            _part(found, "fields", _fields, context)
            _part(found, "routing", check_routing.look, context)
            _part(found, "routing", _channels, context)
    return found


def try_out(context: Context) -> list[Finding]:
    """Whether settings that are not saved yet would work: people, account, rights, channel and its webhook."""
    found: list[Finding] = []
    if _part(found, "employee", check_employees.speakers, context):
        _part(found, "rights", check_employees.rights, context)
    if _part(found, "omnidesk", _account, context):
        _part(found, "rights", _rights, context)
    return found


def _part(found: list[Finding], topic: str, look: Callable[[Context], Iterator[Finding]], context: Context) -> bool:
    try:
        for one in look(context):
            found.append(one)
    except Failure as failure:
        found.append(of_failure(topic, failure))
        return False
    return True


def answer(findings: list[Finding], language: str) -> Answer:
    """The findings as a command's answer; failed when there is an error among them."""
    result = Answer()
    for one in findings:
        text, cure = one.said.text(language), one.said.cure(language)
        result.say(
            f"{MARKS[one.level]} {topic_label(one.topic).text(language)}: {text}" + (f"\n    → {cure}" if cure else "")
        )
        result.element("finding", one.said.full(language), level=one.level, topic=one.topic)
    errors = sum(one.level == "error" for one in findings)
    if errors:
        result.failed = Misconfigured("check_failed", value=str(errors))
    return result


def _files(context: Context) -> Iterator[Finding]:
    paths = context.paths
    mode = os.stat(paths.settings).st_mode & 0o777
    if mode & 0o077:
        yield finding("warning", "settings", "settings_readable", path=paths.settings, mode=f"{mode:o}")
    else:
        yield ok("settings", "settings")
    if not context.settings.sync:
        yield finding("info", "sync", "sync_off", "Sync")
    try:
        for folder in (paths.etc, paths.spool, paths.downloads):
            private_folder(folder)
        probe = os.path.join(paths.var, ".check")
        with open(probe, "w", encoding="utf-8") as file:
            file.write("x")
        os.unlink(probe)
    except OSError as error:
        yield of_failure("disk", Failure("disk", error.filename or paths.var, system_words(error)))
    yield from timer.look(paths)


def _ratings(context: Context) -> Finding:
    """From where ratings are known: the events always bring them."""
    column, setting = context.rating_column, context.settings.rating_column
    if column.name:
        means = ", ".join(f"{text} = {rating}" for text, rating in column.means().items())
        shown = f" ({means})" if means else ""
        return ok("rating", "rating_column", column=column.name, means=shown)
    if setting and setting.lower() != "off":
        return finding("error", "rating", "rating_column_missing", "RatingColumn", column=setting)
    if column.rejected:
        return finding("info", "rating", "rating_columns_unlikely", columns=", ".join(column.rejected))
    return ok("rating", "rating_events")


def _priority(context: Context) -> Finding:
    """In which column priorities are, and whether its values are understood."""
    column = context.priority_column
    if column.name:
        means = ", ".join(f"{value} = {level}" for value, level in column.means().items())
        return ok("priority", "priority_column", column=column.name, means=means)
    if column.rejected:
        names = ", ".join(column.rejected)
        return finding("warning", "priority", "priority_unclear", "SyncPriority", columns=names)
    return finding("warning", "priority", "priority_missing", "SyncPriority")


def _database(context: Context) -> Iterator[Finding]:
    foreign = schema.foreign_tables(context.db)
    if foreign:
        raise Misconfigured("foreign_tables", ", ".join(sorted(foreign)))
    context.prepare()
    baseline(context)
    context.state.try_write()
    yield ok("database", "database", name=context.address.name)
    if not context.reader.four_bytes:
        yield finding("info", "database", "three_bytes")
    if context.settings.sync_notes and not notes_table.readable(context.db):
        yield replace(of_failure("notes", Failure("no_notes", notes_table.TABLE)), level="warning")
    yield _ratings(context)
    if context.settings.sync_priority is not None:
        yield _priority(context)
    yield from _departments(context)


def _departments(context: Context) -> Iterator[Finding]:
    """Tickets of a department whose name is misspelt would just not be synchronised, or lie in another one."""
    settings = context.settings
    unknown = [one for one in settings.departments if not context.reader.departments_named(one)]
    if context.departments == {-1}:
        yield finding("error", "departments", "no_departments", "Departments")
    elif unknown:
        yield finding("error", "departments", "unknown_departments", "Departments", names=", ".join(unknown))
    place = settings.new_ticket_department
    if place and not context.reader.departments_named(place):
        yield finding("error", "departments", "no_new_department", "NewTicketDepartment", name=place)


def _alerts(context: Context) -> Iterator[Finding]:
    """The channels of the alerts: which are set, and which have not taken the last one."""
    set_up = configured(context.settings)
    broken = failing(context)
    for name, _, why in broken:
        yield finding("warning", "alerts", "alerts_fail", channel=Phrase(f"alert.{name}"), why=why)
    if set_up and not broken:
        yield ok("alerts", "alerts", channels=join([Phrase(f"alert.{name}") for name in set_up], ", "))
    elif not set_up:
        yield finding("info", "alerts", "no_alerts", "AlertEmail")


def _panel(context: Context) -> Iterator[Finding]:
    context.panel.who()
    yield ok("panel", "panel")


def _uploads(context: Context) -> Iterator[Finding]:
    """Where files are uploaded the panel has to answer as well; without it the client gets the text alone."""
    try:
        context.uploader.reach()
    except Failure as failure:
        yield replace(of_failure("panel", failure, "PanelUrl"), level="warning")


def _edits(context: Context) -> Iterator[Finding]:
    """What becomes of a reply that is edited soon after its delivery, as far as it is known. Nothing is tried out."""
    minutes = context.settings.edit_minutes
    if context.settings.omnidesk_edits == MESSAGE and minutes:
        works = context.panel.edits_messages()
        name = "edits_untried" if works is None else "edits_changed" if works else "edits_follow"
        yield finding("ok" if works else "info", "edits", name, "OmnideskEdits", minutes=minutes)


def _account(context: Context) -> Iterator[Finding]:
    context.account.refresh()
    settings = context.settings
    yield ok("omnidesk", "account", url=settings.url)
    if context.account.staff_by_email(settings.email) is None:
        yield of_failure("staff", Failure("no_staff", settings.email))
    channel = next((one for one in context.account.channels() if one.key == settings.channel), None)
    if channel is None or not channel.active:
        names = ", ".join(f"{one.key} ({one.title})" for one in context.account.channels() if one.active) or "—"
        yield finding("error", "channel", "no_channel", "OmnideskChannel", channel=settings.channel, channels=names)
        return
    yield ok("channel", "channel", key=channel.key, title=channel.title)
    if channel.is_chat:
        yield finding("warning", "channel", "chat_channel", "OmnideskChannel")
    yield from _webhook(context, channel.webhook_url)


def _channels(context: Context) -> Iterator[Finding]:
    """The further channels of the routing table: each has a webhook that calls us, with a secret that we accept."""
    known = {one.key: one for one in context.account.channels()}
    for key in context.channels[1:]:
        channel = known.get(key)
        if channel is None or not channel.active:
            names = ", ".join(f"{one.key} ({one.title})" for one in known.values() if one.active) or "—"
            yield finding("error", f"further {key}", "no_channel", "OmnideskSecrets", channel=key, channels=names)
            continue
        if channel.is_chat:
            yield finding("warning", f"further {key}", "chat_channel")
        yield from _webhook(context, channel.webhook_url, key)


def _webhook(context: Context, url: str, channel: str = "") -> Iterator[Finding]:
    """Whether the channel calls our webhook: the address and the bare secret; the secret is never shown.

    ``channel``: a further one of the routing table, "" for that of the settings.
    """
    settings = context.settings
    new, old = secret_in_use(url, settings.secret_of(channel)), secret_in_use(url, settings.secret_old)
    wrong = _wrong_webhook(settings, url, new or old)
    where = settings.public_url or Phrase("finding.your_panel")
    if channel:
        if wrong is not None:
            yield finding("error", f"further {channel}", "channel_wrong", "OmnideskSecrets", why=wrong, where=where)
        else:
            yield ok(f"further {channel}", "webhook")
    elif wrong is not None:
        yield finding("error", "webhook", "webhook_wrong", "OmnideskSecret", why=wrong, where=where)
    elif new:
        yield ok("webhook", "webhook")
    else:
        yield finding("warning", "webhook", "webhook_old", "OmnideskSecret")


def secret_in_use(url: str, secret: Secret) -> bool:
    """Whether a webhook's address carries this secret, as its bare query."""
    return bool(secret) and hmac.compare_digest(_split(url).query.encode(), secret.reveal().encode())


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # Omnidesk takes anything for an address
        return urlsplit("")


def _wrong_webhook(settings: Settings, url: str, known: bool) -> Phrase | None:
    """What is wrong with a webhook's address. The host counts when ours is known."""
    parts = _split(url)
    if not parts.path.rstrip("/").endswith("/mancgi/omnidesk_webhook"):
        return Phrase("finding.webhook_elsewhere")
    if settings.public_url and _place(f"{parts.scheme}://{parts.netloc}") != _place(settings.public_url):
        return Phrase("finding.webhook_host", address=f"{parts.scheme}://{parts.hostname}")
    if not known:
        return Phrase("finding.webhook_secret")
    return None


def _place(address: str) -> str:
    """Scheme, host and port, in one way of writing."""
    return address.lower().removesuffix(":443" if address.lower().startswith("https:") else ":80")


def _rights(context: Context) -> Iterator[Finding]:
    """Omnidesk says nothing of rights; that the channel's cases may be read is what can be seen without writing."""
    context.client.changed_cases(context.settings.channel, context.clock())
    yield ok("rights", "cases_readable")


def _samples(context: Context) -> dict[Entity, int]:
    """The newest ticket and client: what their values look like is checked too."""
    newest: dict[Entity, int] = {"case": samples.newest_ticket(context.db), "user": samples.newest_client(context.db)}
    return {entity: id for entity, id in newest.items() if id}


def _fields(context: Context) -> Iterator[Finding]:
    links = context.field_links.current()
    if context.field_links.problem is not None:
        yield of_failure("fields", context.field_links.problem)
    known = catalogue.load(context.paths.catalogue).values
    for name in context.settings.case_note_values:
        if name not in known:
            yield finding("warning", "fields", "no_note_value", "CaseNoteValues", name=name)
    problems = context.fields.check(context.account.fields(), _samples(context))
    linked = {link.value for link in links}
    for one in problems:
        if one.level == "warning" and one.topic in known and one.topic not in linked:
            continue  # an entry of the catalogue that nobody uses
        yield replace(one, topic=f"field {one.topic}")
    if links and not any(one.level == "error" for one in problems):
        yield ok("fields", "fields", count=len(links))
