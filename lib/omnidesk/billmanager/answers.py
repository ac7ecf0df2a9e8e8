"""What an answer of the panel means: a document, or the failure that its ``<error>`` or exit code stands for."""

from __future__ import annotations

from lxml import etree

from omnidesk.billmanager.program import Ran
from omnidesk.core import database, xml
from omnidesk.core.errors import Failure, Gone, Paused, Refused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.core.text import clean

_SECRET = ("paramlist",)  # functions whose answers hold passwords
_PASSING = frozenset(map(str, database.PASSING))  # the panel shows an error of its database by its number (assumed)


def read(func: str, ran: Ran) -> etree._Element:
    """The answer's root, or the failure that the exit code or its ``<error>`` means."""
    if not ran.out.strip():
        words = _shown(ran.err)
        raise TryLater("panel_no_answer", func, words or Phrase("said.exit_code", code=ran.code), uncertain=True)
    try:
        root = xml.parse(ran.out)
    except xml.NotXML:
        shown = Phrase("said.exit_code", code=ran.code) if func in _SECRET else _shown(ran.out)
        raise TryLater("panel_answer", func, shown, uncertain=True) from None
    error = root if root.tag == "error" else root.find("error")
    if error is not None:
        raise _failure(func, error)
    if ran.code != 0:
        raise TryLater("panel_no_answer", func, Phrase("said.exit_code", code=ran.code), uncertain=True)
    return root


def _shown(said: bytes | str) -> str:
    """What the panel said, as one line for the log."""
    text = said if isinstance(said, str) else said[:1000].decode("utf-8", "replace")
    return " ".join(clean(text[:1000]).split())[:300]


def _all_of(error: etree._Element) -> str:
    """What stands in an error of a form that is not known."""
    return _shown(" ".join([*map(str, error.attrib.values()), *map(str, error.itertext())])) or "<error/>"


def _failure(func: str, error: etree._Element) -> Failure:
    kind, what = error.get("type") or "", error.get("object") or ""
    text = _shown(error.findtext("msg") or "")
    value = _shown(error.findtext("param[@name='value']") or error.get("value") or "")
    if kind == "client" and what in ("open", ""):
        return Paused("panel_restarting", func, text or what, seconds=5)
    words = _shown(" ".join(part for part in (kind, what, value, text) if part)) or _all_of(error)
    if kind in ("access", "auth"):
        return Refused("panel_access", func, words)
    if kind == "value" and what in ("elid", "plid") and "desk_empty" in etree.tostring(error, encoding="unicode"):
        return Gone("panel_refused", func, words)
    if kind == "lock":
        return TryLater("panel_trouble", func, words)
    if kind == "db" and not {what, value}.isdisjoint(_PASSING):
        return TryLater("panel_trouble", func, words)
    if kind == "db":
        # Our own write into this database worked a moment ago, so it is this text that the panel cannot store.
        return Refused("panel_trouble", func, words)
    return Refused("panel_refused", func, words, panel_type=kind)
