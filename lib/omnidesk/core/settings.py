"""``etc/omnidesk/omnidesk.conf``: what the administrator chose, checked as a whole.

All problems are found at once, each with its setting's name and line, so that one look at the error is enough to fix
the file. Secrets are wrapped: printing or logging a :class:`Settings` cannot show them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from omnidesk.core import conf, ratings
from omnidesk.core.errors import Misconfigured, system_words
from omnidesk.core.phrase import Phrase, join
from omnidesk.core.ratings import BAD, GOOD

MOST_BYTES = 1 << 20
MOST_LANES = 16
MOST_SHOWN = 50  # problems of one file: more would not be read
_PLACE = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})*(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class NotAccepted(ValueError):
    """A text that is no value of its setting; ``phrase`` says what is expected."""

    def __init__(self, key: str, **params: object) -> None:
        self.phrase = Phrase(f"setting.{key}", **params)
        super().__init__(self.phrase)


class Secret:
    """A value that does not show itself: ``str`` and ``repr`` give dots; :meth:`reveal` gives the value."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


NO_LEVEL = "none"
RATING_MAP_SHOWN = "good:high bad:low 1-2:low 3:middle 4-5:high"
STATUS_MAP_SHOWN = "ended:waiting archived:closed closed:ended"
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
    cases_from_omnidesk: str = "off"  # whose cases, opened by staff, become tickets: the "channel"'s, or by "email" too
    # Of the case whose ticket staff ended, or was archived; and what becomes of the ticket whose case is closed
    status_map: tuple[str, str, str] = ("waiting", "closed", "ended")
    sync_assignee: bool = False  # the employee who has the ticket and the case's assignee are the same person
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


def _parts(text: str, example: str) -> SplitResult:
    """An address with a host and, if any, a proper port. The library's own errors would repeat the value."""
    try:
        parts = urlsplit(text)
        usable = bool(_PLACE.fullmatch(parts.netloc)) and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise NotAccepted("not_address", example=example)
    return parts


def _url(text: str) -> str:
    """The account's address: a bare ``acme`` or host is completed (documented form: https://acme.omnidesk.ru)."""
    if "://" not in text:
        text = "https://" + (text if "." in text or text == "localhost" else text + ".omnidesk.ru")
    parts = _parts(text, "https://acme.omnidesk.ru")
    if parts.username or parts.query or parts.fragment:
        raise NotAccepted("not_address", example="https://acme.omnidesk.ru")
    if parts.path.strip("/") not in ("", "api"):
        raise NotAccepted("address_ends", example="https://acme.omnidesk.ru")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise NotAccepted("not_https")
    return f"{parts.scheme}://{_ascii(parts)}"


def _ascii(parts: SplitResult) -> str:
    """Host and port in lower case; a name in another script as it is asked for (xn--…)."""
    if parts.netloc.isascii():
        return parts.netloc.lower()
    try:
        host = str(parts.hostname).encode("idna").decode("ascii")
    except UnicodeError:
        raise NotAccepted("not_address", example="https://acme.omnidesk.ru") from None
    return f"{host}:{parts.port}" if parts.port else host


def _panel_url(text: str) -> str:
    parts = _parts(text, "https://127.0.0.1:1500/billmgr")
    if parts.scheme not in ("http", "https"):
        raise NotAccepted("not_address", example="https://127.0.0.1:1500/billmgr")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise NotAccepted("not_https")  # a session of root goes there
    return text.rstrip("/")


def _public_url(text: str) -> str:
    """Where the panel's web server is for others: scheme, host and port, nothing behind them."""
    parts = _parts(text, "https://panel.example.com:1500")
    if parts.scheme not in ("http", "https") or parts.path.strip("/") or parts.query or parts.fragment:
        raise NotAccepted("not_address", example="https://panel.example.com:1500")
    return f"{parts.scheme}://{_ascii(parts)}"


def _email(text: str) -> str:
    if not (re.fullmatch(r"[^@\s]+@[^@\s]+", text) and text.isprintable()):
        raise NotAccepted("not_email")
    return text.lower()


def _channel(text: str) -> str:
    match = re.fullmatch(r"(?:cch)?([0-9]{1,18})", text)
    if not match:
        raise NotAccepted("not_channel")
    return "cch" + match.group(1)


def _flag(text: str) -> bool:
    if text.lower() in ("on", "yes", "1", "true"):
        return True
    if text.lower() in ("off", "no", "0", "false"):
        return False
    raise NotAccepted("not_one_of", one="on", other="off")


def _between(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10) or not low <= int(text) <= high:
            raise NotAccepted("not_number", low=low, high=high)
        return int(text)

    return number


def _lanes(text: str) -> int:
    if text.lower() == "auto":
        return 0
    try:
        return _between(1, MOST_LANES)(text)
    except NotAccepted:
        raise NotAccepted("not_lanes", high=MOST_LANES) from None


def _rating_map(text: str) -> tuple[tuple[int, int, str], ...]:
    if text.lower() == "off":
        return ()
    found = []
    for part in text.replace(",", " ").split():
        match = re.fullmatch(r"(?:(good|bad)|([0-9]{1,3})(?:-([0-9]{1,3}))?):(low|middle|high|none)", part)
        if not match:
            raise NotAccepted("not_map", example=RATING_MAP_SHOWN)
        first = ratings.parse(match.group(1) or match.group(2))
        found.append((first, int(match.group(3) or first), match.group(4)))
    if not found:
        raise NotAccepted("not_map", example=RATING_MAP_SHOWN)
    return tuple(found)


def _column(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", text):
        raise NotAccepted("not_column")
    return text


def _secret(text: str) -> Secret:
    # It travels as a bare query string, so anything that a proxy or browser may re-encode would never match.
    if not re.fullmatch(r"[A-Za-z0-9_.~-]{8,200}", text):
        raise NotAccepted("not_secret")
    return Secret(text)


def _channel_secrets(text: str) -> tuple[tuple[str, Secret], ...]:
    found: dict[str, Secret] = {}
    for part in _list(text):
        channel, colon, secret = part.partition(":")
        try:
            if not colon or _channel(channel.strip()) in found:
                raise NotAccepted("not_secrets")
            found[_channel(channel.strip())] = _secret(secret.strip())
        except NotAccepted:
            raise NotAccepted("not_secrets") from None
    return tuple(found.items())


def _language(text: str) -> str:
    if text not in ("ru", "en"):
        raise NotAccepted("not_one_of", one="ru", other="en")
    return text


def _off_or_note(text: str) -> str:
    if text not in ("off", "note"):
        raise NotAccepted("not_one_of", one="off", other="note")
    return text


def _edits(text: str) -> str:
    if text not in ("off", "note", "message"):
        raise NotAccepted("not_one_of", one="off, note", other="message")
    return text


def _cases(text: str) -> str:
    if text not in ("off", "channel", "email"):
        raise NotAccepted("not_one_of", one="off, channel", other="email")
    return text


def _case_note(text: str) -> tuple[str, ...]:
    found = _list(text)
    if text.strip() != "off" and set(found) - {"link", "card", "thread"}:
        raise NotAccepted("not_one_of", one="off, link, card", other="thread")
    return () if text.strip() == "off" else found


def _status_map(text: str) -> tuple[str, str, str]:
    known = r"ended:(waiting|closed) archived:(waiting|closed)(?: closed:(ended|archived))?"
    match = re.fullmatch(known, " ".join(text.split()))
    if not match:
        raise NotAccepted("not_map", example=STATUS_MAP_SHOWN)
    return match.group(1), match.group(2), match.group(3) or "ended"


def _author_text(text: str) -> str:
    if text.count("{name}") != 1 or len(text) > 200 or not text.isprintable():
        raise NotAccepted("not_author")
    return text


def _emails(text: str) -> tuple[str, ...]:
    return tuple(_email(one) for one in _list(text))


def _telegram_token(text: str) -> Secret:
    if not re.fullmatch(r"[0-9]{5,20}:[A-Za-z0-9_-]{20,100}", text):
        raise NotAccepted("not_token")
    return Secret(text)


def _telegram_chat(text: str) -> str:
    if not re.fullmatch(r"-?[0-9]{1,20}|@[A-Za-z0-9_]{4,40}", text):
        raise NotAccepted("not_chat")
    return text


def _alert_webhook(text: str) -> Secret:
    """An address whose path and query are the receiver's own, and may be its secret."""
    parts = _parts(text, "https://example.com/alerts")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise NotAccepted("not_https")
    if parts.fragment or len(text) > 1000 or not (text.isascii() and text.isprintable()) or " " in text:
        raise NotAccepted("not_address", example="https://example.com/alerts")
    return Secret(text)


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


# Name in the file -> (attribute of Settings, parser). The order is the order of docs/settings.md.
SETTINGS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "OmnideskUrl": ("url", _url),
    "OmnideskEmail": ("email", _email),
    "OmnideskApiKey": ("api_key", Secret),
    "OmnideskChannel": ("channel", _channel),
    "OmnideskSecret": ("secret", _secret),
    "OmnideskSecretOld": ("secret_old", _secret),
    "OmnideskSecrets": ("channel_secrets", _channel_secrets),
    "Sync": ("sync", _flag),
    "PublicUrl": ("public_url", _public_url),
    "PanelUrl": ("panel_url", _panel_url),
    "RatingColumn": ("rating_column", _column),
    "RatingMap": ("rating_map", _rating_map),
    "SyncNotes": ("sync_notes", _flag),
    "SystemMessages": ("system_messages", _off_or_note),
    "OmnideskEdits": ("omnidesk_edits", _edits),
    "EditMinutes": ("edit_minutes", _between(0, 1440)),
    "StatusMap": ("status_map", _status_map),
    "SyncAssignee": ("sync_assignee", _flag),
    "CaseNote": ("case_note", _case_note),
    "CaseNoteValues": ("case_note_values", _list),
    "CasesFromOmnidesk": ("cases_from_omnidesk", _cases),
    "NewTicketDepartment": ("new_ticket_department", str),
    "Departments": ("departments", _list),
    "FallbackEmployee": ("fallback_employee", _email),
    "PollSeconds": ("poll_seconds", _between(5, 3600)),
    "AuthorLine": ("author_line", _flag),
    "AuthorText": ("author_text", _author_text),
    "EmptyText": ("empty_text", str),
    "Language": ("language", _language),
    "Formatting": ("formatting", _flag),
    "CutQuotes": ("cut_quotes", _flag),
    "CutRatingLinks": ("cut_rating_links", _flag),
    "CutSignature": ("cut_signature", _flag),
    "LingerSeconds": ("linger_seconds", _between(0, 600)),
    "SettleSeconds": ("settle_seconds", _between(0, 600)),
    "RequestTimeout": ("request_timeout", _between(1, 300)),
    "PanelTimeout": ("panel_timeout", _between(1, 600)),
    "MassChangeLimit": ("mass_change_limit", _between(1, 1_000_000)),
    "AlertEmail": ("alert_emails", _emails),
    "AlertTelegramToken": ("alert_telegram_token", _telegram_token),
    "AlertTelegramChat": ("alert_telegram_chat", _telegram_chat),
    "AlertWebhook": ("alert_webhook", _alert_webhook),
    "AlertPauseMinutes": ("alert_pause_minutes", _between(1, 1440)),
    "AlertSilenceHours": ("alert_silence_hours", _between(0, 240)),
    "Lanes": ("lanes", _lanes),
    "PanelLanes": ("panel_lanes", _between(1, MOST_LANES)),
    "Administrators": ("administrators", _list),
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
    values: dict[str, Any] = {}
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
            values[attribute] = read(value)
        except NotAccepted as error:
            problems.append(Phrase("setting.at_line", line=number, name=name, why=error.phrase))
    named = {one.params["name"] for one in problems}
    missing = [one for one in REQUIRED if SETTINGS[one][0] not in values and one not in named]
    problems += [Phrase("setting.missing", name=one) for one in missing]
    if len(problems) > MOST_SHOWN:
        problems[MOST_SHOWN:] = [Phrase("and_more", count=len(problems) - MOST_SHOWN)]
    if problems:
        raise Misconfigured("settings", "omnidesk.conf", join(problems, "\n"))
    return Settings(**values)


def administrators(path: str) -> tuple[str, ...]:
    """The setting ``Administrators`` alone, also of a file that is broken elsewhere: they may have to fix it."""
    try:
        lines = conf.read(path)
    except OSError:
        return ()
    return next((_list(value) for _, name, value in lines if name == "Administrators"), ())


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
