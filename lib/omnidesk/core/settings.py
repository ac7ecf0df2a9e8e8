"""``etc/omnidesk/omnidesk.conf``: what the administrator chose, checked as a whole.

All problems are found at once, each with its setting's name and line, so that one look at the error is enough to fix
the file. Secrets are wrapped: printing or logging a :class:`Settings` cannot show them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omnidesk.core import conf
from omnidesk.core import setting_values as values
from omnidesk.core.errors import Misconfigured, system_words
from omnidesk.core.phrase import Phrase, join
from omnidesk.core.ratings import BAD, GOOD
from omnidesk.core.setting_values import LOOPBACK, MOST_LANES, NotAccepted, Secret

__all__ = [
    "LOOPBACK",
    "MOST_LANES",
    "RATING_MAP",
    "REQUIRED",
    "SETTINGS",
    "NotAccepted",
    "Secret",
    "Settings",
    "administrators",
    "load",
    "parse",
]
MOST_BYTES = 1 << 20
MOST_SHOWN = 50  # problems of one file: more would not be read
NO_LEVEL = "none"
RATING_MAP = ((GOOD, GOOD, "high"), (BAD, BAD, "low"), (1, 2, "low"), (3, 3, "middle"), (4, 5, "high"))


@dataclass(frozen=True)
class Settings:
    """Every setting, typed; docs/settings.md lists them for people."""

    url: str  # https://acme.omnidesk.ru, without a trailing slash
    email: str  # the integration employee, on both sides
    api_key: Secret
    channel: str  # cch101
    secret: Secret
    secret_old: Secret = field(default_factory=lambda: Secret(""))
    channel_secrets: tuple[tuple[str, Secret], ...] = ()  # of further channels, for their webhooks
    sync: bool = True  # off: nothing is read from or written to either side, events are only noted
    public_url: str = ""  # the panel's address as Omnidesk reaches it; "" = not set
    panel_url: str = "https://127.0.0.1:1500/billmgr"
    rating_column: str = ""  # "" = look for one; "off" = none
    rating_map: tuple[tuple[int, int, str], ...] = RATING_MAP
    sync_notes: bool = True
    system_messages: str = "note"  # what the panel itself writes into a conversation: "note" in the case, or "off"
    omnidesk_edits: str = "note"  # what follows when a delivered message is changed: "off", "note" or "message"
    edit_minutes: int = 10  # with "message": so long the panel's message itself is changed, if that works; 0: never
    file_storage: str = ""  # where large files go, in words or as an address; "" = a file storage
    cases_from_omnidesk: str = "off"  # whose cases, opened by staff, become tickets: the "channel"'s, or by "email" too
    # Of the case whose ticket staff ended, or was archived; and what becomes of the ticket whose case is closed
    status_map: tuple[str, str, str] = ("waiting", "closed", "ended")
    sync_assignee: bool = False  # the employee who has the ticket and the case's assignee are the same person
    sync_priority: tuple[tuple[str, str], ...] | None = None  # a map of the panel's values; empty: recognise them
    case_note: tuple[str, ...] = ()  # what a note in each new case holds: link, card, thread; empty = no note
    case_note_values: tuple[str, ...] = ()  # keys of the catalogue, for the card
    new_ticket_department: str = ""  # id or name, for those tickets; "" = the first that is synchronised
    departments: tuple[str, ...] = ()  # ids or names; empty = all
    fallback_employee: str = ""  # e-mail; "" = the integration employee
    poll_seconds: int = 60
    author_line: bool = True  # name the author when he cannot be the sender
    author_text: str = ""  # that line, {name} in it; "" = in the words of the language
    empty_text: str = "(без текста)"
    language: str = "ru"  # of the lines the module writes into messages
    formatting: bool = True  # Markdown and HTML become each other; off: plain text
    cut_quotes: bool = True  # leave out the original that a reply quotes
    cut_rating_links: bool = False  # leave out requests to rate the reply
    cut_signature: bool = False  # leave out the signature below the reply
    linger_seconds: int = 20
    settle_seconds: int = 10  # how long an unanswered call may still take effect
    request_timeout: int = 30
    panel_timeout: int = 60
    mass_change_limit: int = 25
    alert_emails: tuple[str, ...] = ()  # who gets alerts by the host's sendmail
    alert_telegram_token: Secret = field(default_factory=lambda: Secret(""))
    alert_telegram_chat: str = ""
    alert_webhook: Secret = field(default_factory=lambda: Secret(""))  # an address, which may hold a secret itself
    alert_pause_minutes: int = 15  # a pause that lasts longer is alerted
    alert_silence_hours: int = 3  # so is nothing from Omnidesk for so long; 0: never
    lanes: int = 0  # tickets worked on at the same time; 0: as many as the account's limit is worth
    panel_lanes: int = 2  # calls of the panel at the same time
    administrators: tuple[str, ...] = ()  # logins beside root's that may change settings and field links in the panel
    fields_db_user: str = ""
    fields_db_password: Secret = field(default_factory=lambda: Secret(""))

    def rating_level(self, rating: int) -> str:
        """Omnidesk's level (low, middle, high) for a BILLmanager rating; "" when the map does not cover it.

        Of good and bad the map's own words decide, of stars its numbers; where it has none of a kind, the default's do.
        """

        def of_kind(ranges: tuple[tuple[int, int, str], ...]) -> list[tuple[int, int, str]]:
            return [one for one in ranges if (one[0] in (GOOD, BAD)) == (rating in (GOOD, BAD))]

        for first, last, level in of_kind(self.rating_map) or (of_kind(RATING_MAP) if self.rating_map else []):
            if first <= rating <= last:
                return "" if level == NO_LEVEL else level
        return ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may hold."""
        kept = (self.api_key, self.secret, self.secret_old, self.fields_db_password, self.alert_telegram_token,
                self.alert_webhook)  # fmt: skip
        return tuple(one.reveal() for one in (*kept, *(secret for _, secret in self.channel_secrets)) if one)

    def secret_of(self, channel: str) -> Secret:
        """The secret that a channel's webhook is to have."""
        return dict(self.channel_secrets).get(channel, self.secret)

    @property
    def replying_employee(self) -> str:
        """E-mail of the BILLmanager employee who speaks for staff that BILLmanager does not know."""
        return self.fallback_employee or self.email


# Name in the file -> (attribute of Settings, parser). The order is the order of docs/settings.md.
SETTINGS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "OmnideskUrl": ("url", values.url),
    "OmnideskEmail": ("email", values.email),
    "OmnideskApiKey": ("api_key", values.api_key),
    "OmnideskChannel": ("channel", values.channel),
    "OmnideskSecret": ("secret", values.secret),
    "OmnideskSecretOld": ("secret_old", values.secret),
    "OmnideskSecrets": ("channel_secrets", values.channel_secrets),
    "Sync": ("sync", values.flag),
    "PublicUrl": ("public_url", values.public_url),
    "PanelUrl": ("panel_url", values.panel_url),
    "RatingColumn": ("rating_column", values.column),
    "RatingMap": ("rating_map", values.rating_map),
    "SyncNotes": ("sync_notes", values.flag),
    "SystemMessages": ("system_messages", values.one_of("off", "note")),
    "OmnideskEdits": ("omnidesk_edits", values.one_of("off", "note", "message")),
    "EditMinutes": ("edit_minutes", values.between(0, 1440)),
    "FileStorage": ("file_storage", values.storage),
    "StatusMap": ("status_map", values.status_map),
    "SyncAssignee": ("sync_assignee", values.flag),
    "SyncPriority": ("sync_priority", values.priority),
    "CaseNote": ("case_note", values.case_note),
    "CaseNoteValues": ("case_note_values", values.listed),
    "CasesFromOmnidesk": ("cases_from_omnidesk", values.one_of("off", "channel", "email")),
    "NewTicketDepartment": ("new_ticket_department", str),
    "Departments": ("departments", values.listed),
    "FallbackEmployee": ("fallback_employee", values.email),
    "PollSeconds": ("poll_seconds", values.between(5, 3600)),
    "AuthorLine": ("author_line", values.flag),
    "AuthorText": ("author_text", values.author_text),
    "EmptyText": ("empty_text", str),
    "Language": ("language", values.one_of("ru", "en")),
    "Formatting": ("formatting", values.flag),
    "CutQuotes": ("cut_quotes", values.flag),
    "CutRatingLinks": ("cut_rating_links", values.flag),
    "CutSignature": ("cut_signature", values.flag),
    "LingerSeconds": ("linger_seconds", values.between(0, 600)),
    "SettleSeconds": ("settle_seconds", values.between(0, 600)),
    "RequestTimeout": ("request_timeout", values.between(1, 300)),
    "PanelTimeout": ("panel_timeout", values.between(1, 600)),
    "MassChangeLimit": ("mass_change_limit", values.between(1, 1_000_000)),
    "AlertEmail": ("alert_emails", values.emails),
    "AlertTelegramToken": ("alert_telegram_token", values.telegram_token),
    "AlertTelegramChat": ("alert_telegram_chat", values.telegram_chat),
    "AlertWebhook": ("alert_webhook", values.alert_webhook),
    "AlertPauseMinutes": ("alert_pause_minutes", values.between(1, 1440)),
    "AlertSilenceHours": ("alert_silence_hours", values.between(0, 240)),
    "Lanes": ("lanes", values.lanes),
    "PanelLanes": ("panel_lanes", values.between(1, MOST_LANES)),
    "Administrators": ("administrators", values.listed),
    "FieldsDBUser": ("fields_db_user", str),
    "FieldsDBPassword": ("fields_db_password", Secret),
}
REQUIRED = ("OmnideskUrl", "OmnideskEmail", "OmnideskApiKey", "OmnideskChannel", "OmnideskSecret")


def parse(text: str) -> Settings:
    """The settings written in ``text``.

    Raises :class:`Misconfigured` ``settings`` whose value lists every problem, one a line. An empty value means "not
    set". Values are not repeated in problems: they may be secrets pasted into the wrong line.
    """
    problems: list[Phrase] = []
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}

    def problem(number: int, name: str, key: str, **params: object) -> None:
        problems.append(Phrase("setting.at_line", line=number, name=name, why=Phrase(f"setting.{key}", **params)))

    for number, name, value in conf.parse(text):
        if name not in SETTINGS:
            problem(number, name[:40] if name[:40].isprintable() else ascii(name[:40]), "unknown")
            continue
        if name in lines:
            problem(number, name, "set_twice", first=lines[name])
            continue
        lines[name] = number
        if not value:
            continue
        attribute, read = SETTINGS[name]
        try:
            found[attribute] = read(value)
        except NotAccepted as error:
            problems.append(Phrase("setting.at_line", line=number, name=name, why=error.phrase))
    named = {one.params["name"] for one in problems}
    missing = [one for one in REQUIRED if SETTINGS[one][0] not in found and one not in named]
    problems += [Phrase("setting.missing", name=one) for one in missing]
    if len(problems) > MOST_SHOWN:
        problems[MOST_SHOWN:] = [Phrase("and_more", count=len(problems) - MOST_SHOWN)]
    if problems:
        raise Misconfigured("settings", "omnidesk.conf", join(problems, "\n"))
    return Settings(**found)


def administrators(path: str) -> tuple[str, ...]:
    """The setting ``Administrators`` alone, also of a file that is broken elsewhere: they may have to fix it."""
    try:
        lines = conf.read(path)
    except OSError:
        return ()
    return next((values.listed(value) for _, name, value in lines if name == "Administrators"), ())


def load(path: str) -> Settings:
    """The settings of a file; a missing or unreadable file is a :class:`Misconfigured` ``settings_file``."""
    try:
        with open(path, encoding="utf-8-sig", errors="strict") as file:
            text = file.read(MOST_BYTES)
            if file.read(1):
                raise Misconfigured("settings_file", path, Phrase("setting.file_large"))
    except FileNotFoundError:
        raise Misconfigured("settings_file", path, Phrase("setting.file_missing")) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = system_words(error) if isinstance(error, OSError) else Phrase("setting.not_utf8")
        raise Misconfigured("settings_file", path, reason) from None
    return parse(text)
