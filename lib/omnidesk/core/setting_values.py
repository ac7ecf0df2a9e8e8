"""What the texts in ``omnidesk.conf`` are read as: one reader for each kind of value.

A text that is no value of its setting raises :class:`NotAccepted`, which never repeats it: it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from omnidesk.core import ratings
from omnidesk.core.phrase import Phrase

MOST_LANES = 16
LOOPBACK = ("127.0.0.1", "localhost", "::1")
RATING_MAP_SHOWN = "good:high bad:low 1-2:low 3:middle 4-5:high"
STATUS_MAP_SHOWN = "ended:waiting archived:closed closed:ended"
PRIORITY_SHOWN = "1:low 2:normal 3:high 4:critical"
_PLACE = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})*(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


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


def url(text: str) -> str:
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


def panel_url(text: str) -> str:
    """The address of the panel's own web server, as the module calls it: https, or http on a loopback host."""
    parts = _parts(text, "https://127.0.0.1:1500/billmgr")
    if parts.scheme not in ("http", "https"):
        raise NotAccepted("not_address", example="https://127.0.0.1:1500/billmgr")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise NotAccepted("not_https")  # a session of root goes there
    return text.rstrip("/")


def public_url(text: str) -> str:
    """Where the panel's web server is for others: scheme, host and port, nothing behind them."""
    parts = _parts(text, "https://panel.example.com:1500")
    if parts.scheme not in ("http", "https") or parts.path.strip("/") or parts.query or parts.fragment:
        raise NotAccepted("not_address", example="https://panel.example.com:1500")
    return f"{parts.scheme}://{_ascii(parts)}"


def email(text: str) -> str:
    """An e-mail address, in lower case."""
    if not (re.fullmatch(r"[^@\s]+@[^@\s]+", text) and text.isprintable()):
        raise NotAccepted("not_email")
    return text.lower()


def channel(text: str) -> str:
    """A custom channel, ``cch101`` or ``101``."""
    match = re.fullmatch(r"(?:cch)?([0-9]{1,18})", text)
    if not match:
        raise NotAccepted("not_channel")
    return "cch" + match.group(1)


def flag(text: str) -> bool:
    """``on`` or ``off``, and what else says so."""
    if text.lower() in ("on", "yes", "1", "true"):
        return True
    if text.lower() in ("off", "no", "0", "false"):
        return False
    raise NotAccepted("not_one_of", one="on", other="off")


def between(low: int, high: int) -> Callable[[str], int]:
    """A reader for whole numbers from ``low`` to ``high``."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10) or not low <= int(text) <= high:
            raise NotAccepted("not_number", low=low, high=high)
        return int(text)

    return number


def lanes(text: str) -> int:
    """A number of lanes; 0 for ``auto``."""
    if text.lower() == "auto":
        return 0
    try:
        return between(1, MOST_LANES)(text)
    except NotAccepted:
        raise NotAccepted("not_lanes", high=MOST_LANES) from None


def rating_map(text: str) -> tuple[tuple[int, int, str], ...]:
    """Ranges of ratings and the levels they become, as ``good:high 1-2:low``; empty for ``off``."""
    if text.lower() == "off":
        return ()
    found = []
    for part in text.replace(",", " ").split():
        match = re.fullmatch(r"(?:(good|bad)|([0-9]{1,3})(?:-([0-9]{1,3}))?):(low|middle|high|none)", part)
        if not match:
            raise NotAccepted("not_map", example=RATING_MAP_SHOWN)
        first = ratings.parse(match.group(1) or match.group(2))
        last = int(match.group(3) or first)
        if last < first:
            raise NotAccepted("not_map", example=RATING_MAP_SHOWN)
        found.append((first, last, match.group(4)))
    if not found:
        raise NotAccepted("not_map", example=RATING_MAP_SHOWN)
    return tuple(found)


def column(text: str) -> str:
    """The name of a column."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", text):
        raise NotAccepted("not_column")
    return text


def api_key(text: str) -> Secret:
    """The account's API key: letters that only look like Latin ones, and signs nobody sees, come with copying."""
    if not (text.isascii() and text.isprintable()):
        raise NotAccepted("not_key")
    return Secret(text)


def secret(text: str) -> Secret:
    """The secret of a webhook."""
    # It travels as a bare query string, so anything that a proxy or browser may re-encode would never match.
    if not re.fullmatch(r"[A-Za-z0-9_.~-]{8,200}", text):
        raise NotAccepted("not_secret")
    return Secret(text)


def channel_secrets(text: str) -> tuple[tuple[str, Secret], ...]:
    """Secrets of several channels' webhooks, as ``cch102:secret, cch103:secret``."""
    found: dict[str, Secret] = {}
    for part in listed(text):
        name, colon, value = part.partition(":")
        try:
            if not colon or channel(name.strip()) in found:
                raise NotAccepted("not_secrets")
            found[channel(name.strip())] = secret(value.strip())
        except NotAccepted:
            raise NotAccepted("not_secrets") from None
    return tuple(found.items())


def one_of(*known: str) -> Callable[[str], str]:
    """A reader for one of these words."""

    def word(text: str) -> str:
        if text not in known:
            raise NotAccepted("not_one_of", one=", ".join(known[:-1]), other=known[-1])
        return text

    return word


def case_note(text: str) -> tuple[str, ...]:
    """What a note in a new case holds; empty for ``off``."""
    found = listed(text)
    if text.strip() != "off" and set(found) - {"link", "card", "thread"}:
        raise NotAccepted("not_one_of", one="off, link, card", other="thread")
    return () if text.strip() == "off" else found


def priority(text: str) -> tuple[tuple[str, str], ...] | None:
    """None for off, nothing for on, or what the panel's values mean: see :data:`PRIORITY_SHOWN`."""
    if text.lower() in ("on", "off"):
        return () if text.lower() == "on" else None
    found = [re.fullmatch(r"([\w-]{1,32}):(low|normal|high|critical)", part) for part in text.replace(",", " ").split()]
    if not found or None in found or len({one[1].lower() for one in found if one}) < len(found):
        raise NotAccepted("not_map", example=PRIORITY_SHOWN)
    return tuple((one[1].lower(), one[2]) for one in found if one)


def status_map(text: str) -> tuple[str, str, str]:
    """What one side makes of the other's end: see :data:`STATUS_MAP_SHOWN`."""
    known = r"ended:(waiting|closed) archived:(waiting|closed)(?: closed:(ended|archived))?"
    match = re.fullmatch(known, " ".join(text.split()))
    if not match:
        raise NotAccepted("not_map", example=STATUS_MAP_SHOWN)
    return match.group(1), match.group(2), match.group(3) or "ended"


def author_text(text: str) -> str:
    """A line with ``{name}`` in it."""
    if text.count("{name}") != 1 or len(text) > 200 or not text.isprintable():
        raise NotAccepted("not_author")
    return text


def storage(text: str) -> str:
    """Where files can be put: an address, or a name in words."""
    if len(text) > 200 or not text.isprintable():
        raise NotAccepted("not_storage")
    return text


def emails(text: str) -> tuple[str, ...]:
    """E-mail addresses with commas."""
    return tuple(email(one) for one in listed(text))


def telegram_token(text: str) -> Secret:
    """The token of a Telegram bot."""
    if not re.fullmatch(r"[0-9]{5,20}:[A-Za-z0-9_-]{20,100}", text):
        raise NotAccepted("not_token")
    return Secret(text)


def telegram_chat(text: str) -> str:
    """A chat of Telegram: a number, or ``@name``."""
    if not re.fullmatch(r"-?[0-9]{1,20}|@[A-Za-z0-9_]{4,40}", text):
        raise NotAccepted("not_chat")
    return text


def alert_webhook(text: str) -> Secret:
    """An address whose path and query are the receiver's own, and may be its secret."""
    parts = _parts(text, "https://example.com/alerts")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise NotAccepted("not_https")
    if parts.fragment or len(text) > 1000 or not (text.isascii() and text.isprintable()) or " " in text:
        raise NotAccepted("not_address", example="https://example.com/alerts")
    return Secret(text)


def listed(text: str) -> tuple[str, ...]:
    """Texts with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
