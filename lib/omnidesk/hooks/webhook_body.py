"""Which case a webhook's body names. Nothing else in it is used, so nothing else has to be in order.

Omnidesk's custom channel sends PHP-style forms, ``object[case_id]=985687`` (seen in live receivers), or the same object
as JSON (documented). A rule's webhook sends what the administrator typed around the placeholders: ``case_id`` or
``case_number`` at any depth, as a form or as JSON, in the encoding of his account, sometimes encoded twice (seen). Each
reader below says where in the body a value stands, and :func:`read` chooses among those that name a case.

The form is decoded here, because ``urllib.parse`` costs more to import than the whole answer takes.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Found = dict[tuple[str, ...], str]  # where a value stands, and the value; equal places: the last one counts

# Names as _path writes them, and what is recorded for them.
WANTED = {"caseid": "case", "casenumber": "case", "messageid": "message", "note": "note"}
DOCUMENTED = ("object",)  # where Omnidesk itself puts the fields
HOLDERS = ("payload", "data", "json", "body", "event", "request")  # what senders call a field with the whole in it
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_NUMBER = 18  # digits: fits MySQL's BIGINT
LONGEST_BARE = 64  # bytes of a body that is nothing but a case's id or number
MOST_CASES = 50  # of one call; the poll finds the others
MOST_EXACT = 2**53  # a number that some senders write as 985687.0
ENCODED = 2  # so often a value, or the whole body, may be encoded once more than its kind wants
BLANKS = " \t\n\r"
MARKS = BLANKS + "\"'#\u00a0\u2116"  # that people put around a value
PLACEHOLDERS = ("[]", "{}", "%%", "<>")  # the signs around what a rule was to put there and did not


class Unreadable(ValueError):
    """The body does not say which case it is about, though it tries to. The text never quotes the body."""


def unquoted(data: bytes, plus: bool = True) -> bytes:
    """Percent-decoded; ``plus`` says whether ``+`` is a blank, as it is in forms. ``ValueError`` when it is broken."""
    if plus:
        data = data.replace(b"+", b" ")
    if b"%" not in data:
        return data
    first, *rest = data.split(b"%")
    decoded = [first]
    for part in rest:
        digits = part[:2]
        if len(digits) != 2 or not digits.isalnum():  # fromhex would let blanks pass
            raise ValueError("a percent sign without two hexadecimal digits")
        decoded += (bytes.fromhex(digits.decode("ascii")), part[2:])
    return b"".join(decoded)


def unquote(data: bytes, plus: bool = True) -> str:
    """The same as UTF-8. ``ValueError`` when it is not."""
    return unquoted(data, plus).decode("utf-8")


def text_of(data: bytes) -> str:
    """UTF-8, else each byte as a character of its own (latin-1): names and numbers are ASCII in either."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _once_more(text: str) -> str:
    """``text`` without the percent-encoding that is still in it: a value may come encoded twice."""
    for _ in range(ENCODED):
        if "%" not in text:
            break
        try:
            text = text_of(unquoted(text.encode("utf-8", "replace")))
        except ValueError:
            break
    return text


def pairs(body: bytes) -> "Iterator[tuple[bytes, bytes]]":
    """The names and values of a form, still encoded, in order; fields without ``=`` have an empty value."""
    for piece in body.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            yield name, value


def _path(name: str) -> tuple[str, ...]:
    """Where a field stands: ``("object", "caseid")`` for ``object[case_id]``, ``object.caseId[0]``."""
    plain = name.lower().replace("_", "").replace("-", "").replace("]", "").replace("[", ".").replace("\ufeff", "")
    parts = plain.strip(BLANKS).split(".")
    while len(parts) > 1 and (not parts[-1] or parts[-1].isdigit()):
        parts.pop()
    return tuple(parts)


def _wanted(path: tuple[str, ...]) -> str:
    """What is recorded for a place, ``case`` for ``case_id`` and for ``case[id]``; "" for what is of no use."""
    return WANTED.get(path[-1]) or WANTED.get("".join(path[-2:]), "")


def _names_case(found: "Found") -> bool:
    return any(_wanted(path) == "case" for path in found)


def _fields(body: bytes, content_type: str, encoded: int) -> "Found":
    """The wanted fields of a body: what its content type says it is, else what its first letter says.

    Senders that mislabel JSON as a form, or the other way round, are common.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    if not body.strip():
        return {}
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data" or (body.lstrip().startswith(b"--") and b"form-data" in body):
            return from_multipart(body, content_type, encoded)
        if kind.endswith(("/json", "+json")):
            return from_json(body, encoded)
    except Unreadable:
        found = _within(text_of(body), encoded)
        if not _names_case(found):
            raise
        return found
    return from_json(body, encoded) if body.lstrip()[:1] in (b"{", b"[", b'"') else from_form(body, encoded)


def _within(text: str, encoded: int) -> "Found":
    """The wanted fields of a text that stands for a body, or for the ``object`` in it: a form or JSON once more."""
    if not encoded or not (text.lstrip(BLANKS)[:1] in ("{", "[", '"') or "=" in text or "%" in text):
        return {}
    try:
        return _fields(text.encode("utf-8", "replace"), "", encoded - 1)
    except Unreadable:
        return {}


def _inside(texts: "list[tuple[tuple[str, ...], str]]", encoded: int) -> "Found":
    """The wanted fields of the first of these texts that stands for the whole and names a case. Other texts may be what
    somebody wrote, which may look like a field."""
    for place, text in texts:
        found = _below(place, text, encoded) if place[-1] in HOLDERS else {}
        if _names_case(found):
            return found
    return {}


def _below(place: tuple[str, ...], text: str, encoded: int) -> "Found":
    """The same of a text that stands at ``place``."""
    return {(*place, *path): value for path, value in _within(text, encoded).items()}


# Readers


def _from_fields(fields: list[tuple[str, str]], encoded: int) -> "Found":
    """The wanted ones of a form's fields; a field that is alone, and the ``object``, may hold a body of their own."""
    found: Found = {}
    for name, value in fields:
        path = _path(_once_more(name)) if name else ("",)
        if _wanted(path):
            found[path] = value or found.get(path, "")
        elif path == DOCUMENTED:
            found |= _below(path, value, encoded)
    if len(fields) == 1 and not found:
        name, value = fields[0]
        return _within(value or name, encoded)
    return (
        found if _names_case(found) else {**found, **_inside([(_path(name), value) for name, value in fields], encoded)}
    )


def from_form(body: bytes, encoded: int) -> "Found":
    """The wanted fields of a form. Damage elsewhere does not matter unless no case is named then."""
    fields: list[tuple[str, str]] = []
    damaged = False
    for name, value in pairs(body):
        try:
            fields.append((text_of(unquoted(name)), text_of(unquoted(value))))
        except ValueError:
            damaged = True
    found = _from_fields(fields, encoded)
    if damaged and not _names_case(found):
        raise Unreadable("the form's encoding is broken")
    return found


def from_multipart(body: bytes, content_type: str, encoded: int) -> "Found":
    """The wanted fields of ``multipart/form-data``, read for what they are: short lines of digits."""
    at = content_type.lower().find("boundary=")
    named = content_type[at + 9 :].partition(";")[0].strip().strip('"') if at >= 0 else ""
    lines = body.replace(b"\r\n", b"\n").lstrip()
    first = lines.partition(b"\n")[0].strip()  # says it as well, for who leaves it out of the content type
    boundary = b"--" + named.encode("utf-8", "surrogateescape") if named else first if first.startswith(b"--") else b""
    if not boundary:
        raise Unreadable("a multipart body without a boundary")
    fields: list[tuple[str, str]] = []
    for part in (b"\n" + lines).split(b"\n" + boundary):
        head, _, value = part.partition(b"\n\n")
        _, there, rest = head.partition(b" name=")
        if there:
            name = rest[1:].partition(b'"')[0] if rest[:1] == b'"' else rest.partition(b"\n")[0].partition(b";")[0]
            fields.append((text_of(name.strip()), text_of(value)))
    found = _from_fields(fields, encoded)
    if not _names_case(found) and not body.rstrip().endswith(b"--"):
        raise Unreadable("a multipart body that does not end")
    return found


class _Scanning:
    """What json.JSONDecoder hands to its scanner: the defaults."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def load_json(text: str) -> object:
    """``json.loads`` by its own scanner in C, without what the json package imports (``re``): half of a call's cost.

    Whatever that scanner does not take is left to the package, which also has the say about what is broken:
    ``ValueError`` or ``RecursionError``. (Without the package the scanner cannot even name an error.)
    """
    try:
        import _json

        scan = _json.make_scanner(_Scanning())  # type: ignore[arg-type]  # typeshed has the type of something else here
        data, end = scan(text, len(text) - len(text.lstrip(BLANKS)))
    except (ImportError, AttributeError, ValueError, StopIteration, SystemError, RecursionError):
        end = 0
    if end and not text[end:].strip(BLANKS):
        return data
    import json

    return json.loads(text)


def from_json(body: bytes, encoded: int) -> "Found":
    """The wanted fields of a JSON body, at any depth, outer ones first."""
    text = text_of(body)
    try:
        data = load_json(text)
    except (ValueError, RecursionError):
        found = _from_broken_json(text)
        if not found:
            raise Unreadable("broken JSON") from None
        return found
    found = {}
    texts: list[tuple[tuple[str, ...], str]] = []
    waiting: list[tuple[tuple[str, ...], object]] = [((), data)]
    for place, value in waiting:  # grows while it is read
        if isinstance(value, str):
            found |= _below(place, value, encoded)
        elif isinstance(value, list):
            waiting += [((*place, str(at)), inner) for at, inner in enumerate(value) if isinstance(inner, (dict, list))]
        elif isinstance(value, dict):
            for name, inner in value.items():
                path = (*place, *_path(name))
                if _wanted(path) and inner is not None:
                    found[path] = _said(inner)
                # A text is looked into where it stands for the whole: what somebody wrote may look like a field.
                if isinstance(inner, (dict, list)) or len(value) == 1 or path == DOCUMENTED:
                    waiting.append((path, inner))
                elif isinstance(inner, str):
                    texts.append((path, inner))
    return found if _names_case(found) else {**found, **_inside(texts, encoded)}


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if -(10**LONGEST_NUMBER) < value < 10**LONGEST_NUMBER else "too large"
    if isinstance(value, float) and value.is_integer() and abs(value) < MOST_EXACT:
        return str(int(value))
    return value if isinstance(value, str) else "not a number"


def _from_broken_json(text: str) -> "Found":
    """The case in an object whose JSON was broken by what a placeholder stands for (a quote or line end in a subject),
    or written with other quotes.

    Only if the object is whole, so that no number is cut off.
    """
    found: Found = {}
    for name in ("case_id", "case_number") if text.strip(BLANKS).endswith("}") else ():
        for quote in ('"', "'", "&quot;"):
            rest = text.partition(f"{quote}{name}{quote}")[2].lstrip(BLANKS)
            value = rest[1:100].replace("&quot;", '"').lstrip(BLANKS)
            if rest[:1] == ":":
                end = next((at for at, sign in enumerate(value) if at and sign in f"{BLANKS},}}\"'"), len(value))
                found.setdefault(_path(name), value[:end])
    return found


# Choosing


def kind(body: bytes) -> str:
    """What a body is, for the log."""
    start = body.removeprefix(BYTE_ORDER_MARK).lstrip()[:2]
    return "JSON" if start[:1] in (b"{", b"[", b'"') else "a multipart form" if start == b"--" else "a form"


def number(value: str) -> int:
    """A positive whole number of a plausible size, else 0."""
    if not value.isascii() or not value.isdigit() or len(value) > LONGEST_NUMBER:
        return 0
    return int(value)


def case_of(value: str) -> str:
    """``985687`` for a case's id, ``237-696853`` for the number that people see of it, "" for what is neither."""
    value = value.replace("\u2013", "-").replace("\u2011", "-")  # dashes that editors put in its place
    given = number(value)
    if given:
        return str(given)
    first, _, second = value.partition("-")
    digits = first.isascii() and first.isdigit() and second.isascii() and second.isdigit()
    return value if digits and len(value) <= LONGEST_NUMBER else ""


def _is_placeholder(value: str) -> bool:
    """What a rule's author typed and Omnidesk did not fill in: ``[case_id]``."""
    return bool(value) and value[0] + value[-1] in PLACEHOLDERS


def _bare(body: bytes) -> "str | None":
    """The case that is all there is in a body, "" for a placeholder of it; None for any other body."""
    text = text_of(body.removeprefix(BYTE_ORDER_MARK)).strip(MARKS) if len(body) <= LONGEST_BARE else ""
    case = case_of(text)
    return case if case or (_is_placeholder(text) and text.strip("[]{}%<>").replace("_", "").isalpha()) else None


def read(body: bytes, content_type: str) -> dict[str, str]:
    """``case`` and, where they are given, ``message`` and ``note`` ("0" or "1"). Empty: a call that names no case.

    Raises :class:`Unreadable`. Of several that are named, the one in the documented place counts, else the outermost:
    what stands deeper is of another case, as a parent is. An id comes before a number. ``more``: those that a list has
    in the same place as that one, separated by blanks.
    """
    bare = _bare(body)
    if bare is not None:
        return {"case": bare} if bare else {}
    found = _fields(body, content_type, ENCODED)
    named = {path: _once_more(value).strip(MARKS) for path, value in found.items() if _wanted(path) == "case"}
    cases = {path: case_of(value) for path, value in named.items() if case_of(value)}
    if not cases:
        if any(value and not _is_placeholder(value) for value in named.values()):
            raise Unreadable("the case is neither an id nor a number like 237-696853")
        return {}  # a rule's placeholder, [case_id]: Omnidesk tries the address while the rule is being saved
    ranks = {path: (path[:-1] != DOCUMENTED, len(path), path[-1] not in WANTED, "-" in cases[path]) for path in cases}
    place = min(ranks, key=lambda path: ranks[path])
    fields = {"case": cases[place]}
    more = {case: 1 for path, case in cases.items() if ranks[path] == ranks[place] and case != cases[place]}
    if more:
        fields["more"] = " ".join([*more][: MOST_CASES - 1])
    beside = {_wanted(path): value for path, value in found.items() if path[:-1] == place[:-1]}
    message = number(beside.get("message", "").strip(BLANKS))
    if message:
        fields["message"] = str(message)
    if "note" in beside:
        fields["note"] = "0" if beside["note"] in ("0", "", "false") else "1"
    return fields
