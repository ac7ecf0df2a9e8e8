"""Whether two e-mail addresses are the same employee's: decided here, never by a column's collation.

MariaDB's default collation takes ``jose@`` for ``josé@``; others tell ``Anna@`` from ``anna@``, or keep a blank.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def key(email: str) -> str:
    """What two spellings of one address share: without blanks around it, and without its case."""
    return unicodedata.normalize("NFC", email.strip().casefold())


def near(email: str, others: Iterable[str]) -> list[str]:
    """Which of the ``others`` look like this address and are another one: an accent, a blank, a domain in punycode."""
    wanted, own = _rough(email), key(email)
    return [one for one in others if wanted and _rough(one) == wanted and key(one) != own]


def _rough(email: str) -> str:
    local, _, domain = "".join(email.split()).casefold().rpartition("@")
    whole = f"{local}@{'.'.join(map(_label, domain.split('.')))}"
    parts = unicodedata.normalize("NFKD", whole)
    return "".join(one for one in parts if unicodedata.category(one) not in ("Mn", "Cf"))


def _label(label: str) -> str:
    """A part of a domain in letters, as a person reads it."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
