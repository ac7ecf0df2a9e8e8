"""What an unsuccessful answer means: a failure of this call, or of the whole account.

A page instead of JSON, a 401, a 403 or a redirect may come from a revoked key as well as from a firewall that dislikes
the text of one message. Such an answer is only *suspected* to be the account's: the client asks something independent
before it believes that.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from omnidesk.core.errors import Failure, Gone, Refused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.core.text import clean
from omnidesk.helpdesk import answers

LONGEST_WORDS = 120  # characters of a page that a failure shows
_NO_ACCESS = "staff_has_not_access"  # documented: of an employee's rights for this one thing
_NO_LOGIN = ("staff_not_found", "staff_not_active")  # of the author named, or of the employee who logs in
_NOT_THE_CASE = ("user_", "message_", "channel_", "group_")
# Words about what was asked for (documented, or seen in public integrations): the account has answered.
_OF_ONE_THING = ("staff_", "case_", *_NOT_THE_CASE, "wrong_", "incorrect_")
_ABOUT_ONE_THING = ("not_found", "already_exist")
PAGE = {"page": True}  # of a failure: it was no word of Omnidesk's, perhaps of something in front of it
_CASE_ITSELF = re.compile(r"cases/[^/]+\Z")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """An answer as it came. ``method`` and ``path`` are those of the call."""

    method: str
    path: str
    code: int
    body: bytes

    @cached_property
    def document(self) -> Any:
        """Its JSON, None for what is none. A byte that is no UTF-8 costs its sign, not the whole answer."""
        try:
            return json.loads(self.body.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            return None

    @cached_property
    def word(self) -> str:
        """The ``error`` word of a JSON answer; "" when there is none."""
        given = self.document.get("error") if isinstance(self.document, dict) else None
        return _word_of(given) or ("error" if given else "")

    @property
    def spoke(self) -> bool:
        """Whether Omnidesk itself answered: its errors are JSON objects."""
        return isinstance(self.document, dict)

    @property
    def succeeded(self) -> bool:
        """An answer to a change may be empty: what it has to hold is said by who needs it."""
        nothing = self.method == "PUT" and not self.body.strip()
        return 200 <= self.code < 300 and not self.word and (nothing or self.document is not None)

    @property
    def limited(self) -> bool:
        """Whether the account's calls are used up; until 2024 that was a 403 in words (seen in public integrations)."""
        limited = self.code == 403 and b"rate limit" in self.body[:200].lower()
        return self.code == 429 or limited or "rate limit" in self.word.lower()

    @property
    def works(self) -> bool:
        """Whether key and login are good: a success, or a "no" that only a known employee gets."""
        return self.succeeded or self.word == _NO_ACCESS

    def shown(self) -> str:
        """The status, and what a person would read: the error word, the page's title, or its first words."""
        words = self.word or page_words(self.body)
        if words.startswith(str(self.code)):  # most pages begin with it
            return f"HTTP {words}"
        return f"HTTP {self.code}: {words}" if words else f"HTTP {self.code}"


def _word_of(given: Any) -> str:
    """The word of an error that may stand beside others: ``["case_not_found"]``, ``{"code": 404, "message": …}``."""
    if isinstance(given, dict):
        given = [given.get("code"), *given.values()]
    if not isinstance(given, list):
        return answers.as_text(given)
    words = [answers.as_text(one) for one in given]
    return next((one for one in words if one and not one.isdigit()), "")


def page_words(body: bytes) -> str:
    """The title of a page, or its first words, as one short line."""
    text = body[:20_000].decode("utf-8", "replace")
    title = _TITLE.search(text)
    words = html.unescape(_UNSEEN.sub(" ", title.group(1) if title else text))
    return " ".join(clean(words).split())[:LONGEST_WORDS]


def suspected(answer: Answer) -> str:
    """What it would be if the whole account refused; "" when the answer surely speaks of this call alone."""
    if answer.code == 401:
        return "omnidesk_key"
    if (answer.code == 403 and answer.word != _NO_ACCESS) or answer.word in _NO_LOGIN:
        return "omnidesk_login"
    if 300 <= answer.code < 400 or (answer.code == 404 and not answer.spoke):
        return "omnidesk_address"
    page = 400 <= answer.code < 500 and not answer.spoke
    return "omnidesk_trouble" if (page and answer.code != 413) or _no_such_case(answer) else ""


def may_be_of_all(answer: Answer) -> bool:
    """Whether the account as a whole may refuse: that is suspected, or the word is not known to be of this one thing.

    An account whose plan is not paid, say, refuses every call in a word that is not public.
    """
    known = answer.word.startswith(_OF_ONE_THING) or answer.word.endswith(_ABOUT_ONE_THING)
    return bool(suspected(answer)) or (answer.code < 500 and bool(answer.word) and not known)


def _no_such_case(answer: Answer) -> bool:
    """Whether the read of a case by its id was refused, in whatever words: the id is all there was to refuse.

    A deleted case answers 400, and with what body is not public.
    """
    by_id = answer.method == "GET" and bool(_CASE_ITSELF.match(answer.path))
    return by_id and answer.code in (400, 404) and not answer.word.endswith("not_found")


def failure(answer: Answer) -> Failure:
    """What it means for this call, the account being well. The word counts, not the number, which is not public."""
    creates, path, word = answer.method == "POST", answer.path, answer.word
    if word.startswith("staff_"):
        return Refused("omnidesk_staff", path, word)
    if answer.code not in (401, 403) and word and (answer.code == 404 or word.endswith("not_found")):
        # A wrong employee, client or message says nothing of the case it was sent to.
        case = path.startswith("cases/") and not word.startswith(_NOT_THE_CASE)
        return Gone("omnidesk_gone", path, word) if case else Refused("omnidesk_refused", path, word)
    if _no_such_case(answer):
        return Gone("omnidesk_gone", path, answer.shown(), **({} if answer.spoke or not answer.body else PAGE))
    if answer.code >= 500:
        return TryLater("omnidesk_trouble", path, answer.shown(), uncertain=creates)
    if 200 <= answer.code < 300 and not word:
        return TryLater("omnidesk_broken_answer", path, Phrase("said.not_json"), uncertain=answer.method != "GET")
    if suspected(answer):
        rejected = "omnidesk_read_rejected" if answer.method == "GET" else "omnidesk_rejected"
        return Refused(rejected, path, answer.shown(), code=answer.code)
    return Refused("omnidesk_refused", path, word or answer.shown(), code=answer.code)
