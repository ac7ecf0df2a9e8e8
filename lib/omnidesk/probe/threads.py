"""What is assumed of conversations in Omnidesk, read in a few of the account's cases, of whatever channel: shapes only.

What people write in the interface or by e-mail cannot be written by the API, so existing cases are looked at.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from omnidesk.content.cuts import asks_for_rating, has_placeholder
from omnidesk.content.html_reader import OMNIDESK_ORIGINAL
from omnidesk.content.urls import host
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk import answers
from omnidesk.probe.desk import Asker, richness
from omnidesk.probe.findings import NOTHING, Check, Finding, counted, judged, name, yes

CASES = 3  # whose messages are read
PERSONS = ("reply", "note")  # what types of people's messages begin with
_CLASS = re.compile(r"class\s*=\s*[\"']([^\"'>]*)")
_QUOTE = re.compile(r"<blockquote|quote", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"'()\[\]]+", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]\n]{1,40}\]|\{[^}\n]{1,40}\}")


class ThreadChecks:
    """The checks; ``own``: the account's host, ``signatures``: those of its employees."""

    def __init__(self, ask: Asker, own: str, signatures: Sequence[str]) -> None:
        self.ask = ask
        self.own = own
        self.signatures = signatures
        self._cases: list[dict[str, Any]] = []

    def checks(self) -> list[tuple[str, Check]]:
        return [("desk.merged", self.merged), ("desk.kinds", self.conversations)]

    def merged(self) -> Iterator[Finding]:
        """Cases that were merged say into which, and are closed."""
        rows = self.ask.get("cases", show_merged_cases="true", limit=100).rows("case")
        self._cases = sorted(rows, key=richness, reverse=True)[:CASES]
        found = [row for row in rows if answers.as_int(row.get("parent_case_id"))]
        states = counted(Counter(name(row.get("status")) for row in found))
        shown = any("parent_case_id" in row for row in rows)
        right = all(row.get("status") == "closed" for row in found) if found else None if shown or not rows else False
        yield judged("desk.merged", right, Phrase("probe.merged", count=len(rows), shown=yes(shown), states=states))

    def conversations(self) -> Iterator[Finding]:
        rows = [row for case in self._cases for row in self._messages(case)]
        yield self._kinds(rows)
        yield self._quotes([str(row.get("content_html") or "") for row in rows])
        yield self._ratings([row for row in rows if _author(row) == "staff" and not row.get("note")])

    def _messages(self, case: dict[str, Any]) -> list[dict[str, Any]]:
        path = f"cases/{answers.as_int(case.get('case_id'))}/messages"
        return self.ask.get(path, order="desc", limit=100).rows("message")

    def _kinds(self, rows: list[dict[str, Any]]) -> Finding:
        """Of what type the messages of people are, and the records that nobody wrote."""
        kinds = Counter(f"{_author(row)} {name(row['message_type'])}" for row in rows if row.get("message_type"))
        written = [str(row["message_type"]) for row in rows if _author(row) == "staff" and row.get("message_type")]
        records = [str(row["message_type"]) for row in rows if _author(row) == NOTHING and row.get("message_type")]
        right = any(one.startswith(PERSONS) for one in written) and not any(one.startswith(PERSONS) for one in records)
        return judged(
            "desk.kinds", right if written else None, Phrase("probe.kinds", count=len(rows), kinds=counted(kinds))
        )

    def _quotes(self, texts: list[str]) -> Finding:
        """How the original is marked that a reply by e-mail quotes."""
        marked = [OMNIDESK_ORIGINAL in _classes(text) for text in texts]
        known = sum(marked)
        others = sum(bool(_QUOTE.search(text)) for text, one in zip(texts, marked, strict=True) if not one)
        right = True if known else False if others else None
        return judged("desk.quotes", right, Phrase("probe.quotes", known=known, others=others))

    def _ratings(self, replies: list[dict[str, Any]]) -> Finding:
        """Links of the account's own that most replies of staff have: requests to rate."""
        texts = [str(row.get("content_html") or row.get("content") or "") for row in replies]
        known = sum(asks_for_rating(text, self.own) for text in texts)
        places = Counter(place for text in texts for place in self._places(text))
        most = [place for place, count in places.items() if count > 1 and 2 * count > len(texts)]
        holders = sum(map(has_placeholder, self.signatures))
        others = sum(bool(_BRACKETS.search(one)) and not has_placeholder(one) for one in self.signatures)
        right = True if known or holders else False if most or others else None
        found = Phrase("probe.ratings", known=known, count=len(texts), links=len(most), holders=holders, others=others)
        return judged("desk.rating_block", right, found)

    def _places(self, text: str) -> set[str]:
        """The beginnings of the paths of links to the account's own host that are not recognised."""
        found = [html.unescape(one) for one in _ADDRESS.findall(text)]
        return {
            one.partition("://")[2].partition("/")[2].partition("/")[0].partition("?")[0]
            for one in found
            if host(one) == self.own and not asks_for_rating(one, self.own)
        }


def _author(row: dict[str, Any]) -> str:
    """As the fields of a message are called; of the system's records none is set."""
    if answers.as_int(row.get("staff_id") or 0):
        return "staff"
    return "user" if answers.as_int(row.get("user_id") or 0) else NOTHING


def _classes(text: str) -> set[str]:
    return {one for found in _CLASS.findall(text) for one in found.split()}
