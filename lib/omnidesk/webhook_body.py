"""Which case a webhook's body names. Nothing else in it is used, so nothing else has to be in order.

Omnidesk's custom channel sends PHP-style forms, ``object[case_id]=985687`` (seen in live receivers), or the same object
as JSON (documented). A rule's webhook sends what the administrator typed, usually ``case_id=[case_id]``.

The form is decoded here, because ``urllib.parse`` costs more to import than the whole answer takes.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

WANTED = ("case_id", "message_id", "note")
UNSUBSTITUTED = "[case_id]"  # a rule's placeholder: Omnidesk tries the address while the rule is being saved
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_NUMBER = 18  # digits: fits MySQL's BIGINT


class Unreadable(ValueError):
    """The body does not say which case it is about, though it tries to. The text never quotes the body."""


def unquote(data: bytes, plus: bool = True) -> str:
    """Percent-decoded UTF-8; ``plus`` says whether ``+`` is a blank, as it is in forms. ``ValueError`` when neither."""
    if plus:
        data = data.replace(b"+", b" ")
    first, *rest = data.split(b"%")
    decoded = [first]
    for part in rest:
        digits = part[:2]
        if len(digits) != 2 or not digits.isalnum():  # fromhex would let blanks pass
            raise ValueError("a percent sign without two hexadecimal digits")
        decoded += (bytes.fromhex(digits.decode("ascii")), part[2:])
    return b"".join(decoded).decode("utf-8")


def pairs(body: bytes) -> "Iterator[tuple[bytes, bytes]]":
    """The names and values of a form, still encoded, in order; fields without ``=`` have an empty value."""
    for piece in body.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            yield name, value


def _wanted(name: str) -> str:
    """``case_id`` for ``object[case_id]`` and for ``case_id``; "" for what is of no use."""
    inner = name[7:-1] if name.startswith("object[") and name.endswith("]") else name
    return inner if inner in WANTED else ""


def from_form(body: bytes) -> dict[str, str]:
    """The wanted fields of a form. Damage elsewhere does not matter unless the case id is missing then."""
    found: dict[str, str] = {}
    for name, value in pairs(body):
        try:
            key = _wanted(unquote(name))
            if key:
                found[key] = unquote(value)
        except ValueError:
            continue  # looked at again below, when it may matter
    if "case_id" not in found:
        try:
            unquote(body)
        except ValueError:
            raise Unreadable("the form's encoding is broken") from None
    return found


def from_multipart(body: bytes, content_type: str) -> dict[str, str]:
    """The wanted fields of ``multipart/form-data``, read for what they are: short lines of digits."""
    at = content_type.lower().find("boundary=")
    boundary = content_type[at + 9 :].partition(";")[0].strip().strip('"') if at >= 0 else ""
    if not boundary:
        raise Unreadable("a multipart body without a boundary")
    found: dict[str, str] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode("utf-8", "surrogateescape")):
        head, _, value = part.partition(b"\r\n\r\n")
        _, named, rest = head.partition(b' name="')
        key = _wanted(rest.partition(b'"')[0].decode("latin-1")) if named else ""
        if key:
            found[key] = value.decode("latin-1")
    if not found and not body.rstrip().endswith(b"--"):
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
    blanks = " \t\n\r"
    try:
        import _json

        scan = _json.make_scanner(_Scanning())  # type: ignore[arg-type]  # typeshed has the type of something else here
        data, end = scan(text, len(text) - len(text.lstrip(blanks)))
    except (ImportError, AttributeError, ValueError, StopIteration, SystemError, RecursionError):
        end = 0
    if end and not text[end:].strip(blanks):
        return data
    import json

    return json.loads(text)


def from_json(body: bytes) -> dict[str, str]:
    """The wanted fields of a JSON body: those of its ``object``, else its own."""
    try:
        data = load_json(body.removeprefix(BYTE_ORDER_MARK).decode("utf-8"))
    except (ValueError, RecursionError):
        raise Unreadable("broken JSON") from None
    if data == []:
        return {}  # PHP writes an empty object like this
    if not isinstance(data, dict):
        raise Unreadable("a JSON object was expected")
    inner = data.get("object")
    given = inner if isinstance(inner, dict) and "case_id" in inner else data
    return {key: _text(given[key]) for key in WANTED if given.get(key) is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if -(10**LONGEST_NUMBER) < value < 10**LONGEST_NUMBER else "too large"
    return value if isinstance(value, str) else "not a number"


def number(value: str) -> int:
    """A positive whole number of a plausible size, else 0."""
    value = value.strip(" \r\n\t")
    if not value.isascii() or not value.isdigit() or len(value) > LONGEST_NUMBER:
        return 0
    return int(value)


def read(body: bytes, content_type: str) -> dict[str, str]:
    """``case`` and, where they are given, ``message`` and ``note`` ("0" or "1"). Empty: a call that names no case.

    Raises :class:`Unreadable`. The content type decides, and where it says nothing useful the first letter does:
    senders that mislabel JSON as a form are common.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not body.strip():
        found = {}
    elif kind == "multipart/form-data":
        found = from_multipart(body, content_type)
    elif kind.endswith(("/json", "+json")) or body.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] in (b"{", b"["):
        found = from_json(body)
    else:
        found = from_form(body)
    return _ids(found)


def _ids(found: dict[str, str]) -> dict[str, str]:
    given = found.get("case_id", "").strip()
    if given in ("", UNSUBSTITUTED):
        return {}
    case = number(given)
    if not case:
        raise Unreadable("case_id is not a positive whole number")
    fields = {"case": str(case)}
    message = number(found.get("message_id", ""))
    if message:
        fields["message"] = str(message)
    if "note" in found:
        fields["note"] = "0" if found["note"] in ("0", "", "false") else "1"
    return fields
