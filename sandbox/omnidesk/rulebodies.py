"""What administrators type into the webhook of a rule, with its placeholders replaced: a content type and a body each.

Omnidesk puts the values in as text (documented), so a quote in a subject breaks a JSON that was typed around it. Bodies
in the account's old encoding, with a byte order mark, and encoded twice were seen in public receivers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote, urlencode

from .state import Case

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
Body = tuple[str, bytes]


def _form(case: Case) -> Body:
    return FORM, urlencode({"case_id": case.case_id, "case_number": case.case_number, "subject": case.subject}).encode()


def _number(case: Case) -> Body:
    return FORM, urlencode({"subject": case.subject, "case_number": case.case_number}).encode()


def _json(case: Case) -> Body:
    return JSON, json.dumps({"event": "case_changed", "case_id": case.case_id, "staff_id": case.staff_id}).encode()


def _nested(case: Case) -> Body:
    told = {"case_number": case.case_number, "messages": [{"case_id": 2}]}
    return JSON, json.dumps({"event": "case_changed", "before": {"parent": {"case_id": 1}}, "case": told}).encode()


def _unescaped(case: Case) -> Body:
    text = f'{{"subject": "{case.subject}", "said": "he said "no"\n", "case_id": {case.case_id}, "last": "5\\6"}}'
    return JSON, text.encode()


def _old_encoding(case: Case) -> Body:
    return FORM, b"subject=\xcf\xee\xec\xee\xe3\xe8&case_number=" + case.case_number.encode()


def _marked(case: Case) -> Body:
    return "text/plain", b"\xef\xbb\xbf" + urlencode({"case_number": case.case_number}).encode()


def _twice(case: Case) -> Body:
    return FORM, urlencode({quote("object[case_number]", ""): quote(case.case_number.replace("-", "%2D"), "")}).encode()


def _payload(case: Case) -> Body:
    return FORM, urlencode({"payload": json.dumps({"case": {"number": case.case_number}})}).encode()


RULE_BODIES: dict[str, Callable[[Case], Body]] = {
    "form": _form,
    "number": _number,
    "json": _json,
    "nested": _nested,
    "unescaped": _unescaped,
    "old encoding": _old_encoding,
    "marked": _marked,
    "twice": _twice,
    "payload": _payload,
}
