"""The webhook at ``/mancgi/omnidesk_webhook``: a CGI program that Omnidesk calls when staff have answered.

It checks who is ringing, puts a record into the spool, wakes the worker, and answers. It touches neither the network
nor the database and imports next to nothing: its cost is the start of a bare interpreter.

The secret is the whole query string (documented: ``https://URL/mancgi/omnidesk_webhook?secret_key``). It is checked
before the body is read, and neither it nor any part of the query string is ever logged or answered. What the body says
is not believed either: it names a case, and the worker asks the API what that case holds.
"""

import os
import time
from _operator import _compare_digest  # hmac.compare_digest without the import of hashlib

from omnidesk.core import conf, log_line
from omnidesk.core.paths import Paths, find_root
from omnidesk.hooks import spool, webhook_body, worker_start

MOST_BYTES = 1 << 20
SHORTEST_SECRET = 8  # as the settings want it


class Answer(Exception):
    """Ends the call: an HTTP ``status``, what the caller reads, and (``log``) what the administrator reads."""

    def __init__(self, status: int, error: str = "", level: str = "WARNING", log: str = "") -> None:
        super().__init__(status, error)
        self.status = status
        self.error = error
        self.level = level
        self.log = log or error


def main(executable: str) -> int:
    """Answer the call that the environment and stdin describe. Always exits with 0: the status is in the answer."""
    paths = Paths(find_root(executable))
    log = log_line.Log(paths.webhook_log, "webhook", paths.debug_conf)
    try:
        handle(paths, log)
        answer = Answer(200)
    except Answer as given:
        answer = given
        if given.status != 403:
            log.write(given.level, f"{given.status}: {given.log}, from {peer()}")
        elif (before := _refused_before(paths)) >= 0:
            more = f" ({before} more since the last such line)" if before else ""
            log.write(given.level, f"403: {given.log}, from {peer()}{more}")
    except Exception as unforeseen:  # noqa: BLE001  the border: a stranger gets no traceback, the log gets the type
        answer = Answer(500, "internal error")
        log.write("ERROR", f"500: {type(unforeseen).__name__} {_place(unforeseen)}, from {peer()}")
    _send(answer)
    return 0


def handle(paths: Paths, log: log_line.Log) -> None:
    """Check, record, wake. Returns when the answer is 200; raises :class:`Answer` for any other."""
    if _variable("REQUEST_METHOD") != "POST":
        raise Answer(405, "only POST is served here", "INFO")
    first_call(paths, authenticate(paths))
    body = read_body()
    try:
        fields = webhook_body.read(body, _variable("CONTENT_TYPE"))
    except webhook_body.Unreadable as problem:
        raise Answer(400, str(problem)) from None
    kind = webhook_body.kind(body)
    if not fields:
        log.write("INFO", f"webhook from {peer()}: no case named (a test call?), {kind}")
        return
    new = ", a message" if "message" in fields else ""
    others = fields.pop("more", "").split()
    fields["time"] = str(int(time.time()))
    fields["peer"] = log_line.clean(_variable("REMOTE_ADDR"), 64)
    try:
        _record(paths, fields)
        for case in others:
            _record(paths, {"case": case, "time": fields["time"], "peer": fields["peer"]})
    except OSError as problem:
        raise Answer(
            503, "the call could not be recorded", "ERROR", f"cannot write to {paths.spool}: {problem.strerror}"
        ) from None
    for case in (fields["case"], *others):
        log.write("INFO", f"webhook from {peer()}: case {case} changed, {kind}{new if case == fields['case'] else ''}")
    try:
        worker_start.wake_worker(paths)
    except OSError as problem:
        log.write("ERROR", f"the worker cannot be started, the timer will: {paths.executable}: {problem.strerror}")


def _record(paths: Paths, fields: "dict[str, str]") -> None:
    """One case into the spool."""
    name = f"case-{fields['case']}"
    if "message" not in fields and (before := spool.waiting(paths.spool, name).get("message")):
        fields["message"] = before  # a rule's call must not hide that the channel's named a new message
    spool.put(paths.spool, name, fields)


def authenticate(paths: Paths) -> bytes:
    """The secret that the query string is; raises 403 for any other, 503 when there is none to compare with.

    Every pair is compared, each in constant time: how long the answer takes tells nothing about the secret.
    """
    accepted = _secrets(paths)
    given = os.environb.get(b"QUERY_STRING", b"")
    forms = [given]
    try:
        forms.append(webhook_body.unquote(given, plus=False).encode())
    except ValueError:
        forms.append(given)  # not encoded at all: a secret may hold a percent sign
    right = [sum([_compare_digest(form, secret) for form in forms]) for secret in accepted]
    if not any(right):
        raise Answer(403, "wrong or missing secret")
    return next(secret for secret, hits in zip(accepted, right, strict=True) if hits)


def first_call(paths: Paths, secret: bytes) -> None:
    """The settings form shows a new secret until a call with it has come: this may be the one."""
    try:
        with open(paths.new_secret, "rb") as file:
            if file.read(256) == secret:
                os.unlink(paths.new_secret)
    except OSError:
        return  # there is none, as nearly always


def _refused_before(paths: Paths) -> int:
    """How many refused calls were not logged since the last line about one; -1: this one is not to be logged either.

    One line a minute: anybody can call, and the log must not fill the disk. Two calls at one moment may count as one.
    """
    minute, count = int(time.time() // 60), 0
    try:
        if not os.path.isdir(paths.var):
            os.mkdir(paths.var, 0o700)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(paths.webhook_refused, flags, 0o600)
    except OSError:
        return 0  # a full disk, or another process made the folder just now: a line too many is better than none
    try:
        noted = os.read(descriptor, 64).split()
        if len(noted) == 2 and noted[0].isdigit() and noted[1].isdigit():
            count = int(noted[1])
            if int(noted[0]) == minute:
                os.pwrite(descriptor, b"%d %d\n" % (minute, count + 1), 0)
                return -1
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"%d 0\n" % minute, 0)
    except OSError:
        return 0
    finally:
        os.close(descriptor)
    return count


def _secrets(paths: Paths) -> list[bytes]:
    """The secrets in force: ``OmnideskSecret``, while a change is under way ``OmnideskSecretOld``, and those of further
    channels, ``OmnideskSecrets`` (``cch102:secret, …``)."""
    try:
        settings = {name: value for _, name, value in conf.read(paths.settings)}
    except OSError as problem:
        hint = f"{paths.settings}: {problem.strerror}; set the module up first (OmnideskSecret at least)"
        raise Answer(503, "the module is not set up", "ERROR", hint) from None
    found = [settings.get(name) for name in ("OmnideskSecret", "OmnideskSecretOld")]
    if not found[0]:
        hint = f"{paths.settings} has no OmnideskSecret; set it to what follows the ? in the channel's webhook address"
        raise Answer(503, "the module is not set up", "ERROR", hint)
    more = [one.partition(":")[2].strip() for one in settings.get("OmnideskSecrets", "").split(",")]
    found += [one for one in more if len(one) >= SHORTEST_SECRET]
    return [secret.encode("utf-8", "surrogateescape") for secret in found if secret]


def read_body() -> bytes:
    """Exactly ``CONTENT_LENGTH`` bytes of stdin, or all of it when no length is given; never more than 1 MiB."""
    length = _length()
    if length > MOST_BYTES:
        raise Answer(413, "the body is longer than 1 MiB")
    most = MOST_BYTES + 1 if length < 0 else length
    pieces: list[bytes] = []
    missing = most
    while missing:
        try:
            piece = os.read(0, min(missing, 65536))
        except OSError as problem:
            raise Answer(400, f"the body cannot be read: {problem.strerror}") from None
        if not piece:
            break
        pieces.append(piece)
        missing -= len(piece)
    if length < 0 and not missing:
        raise Answer(413, "the body is longer than 1 MiB")
    if length >= 0 and missing:
        raise Answer(400, "the body is shorter than its Content-Length")
    return b"".join(pieces)


def _length() -> int:
    """The announced length, -1 when none is. The panel's web server may leave the usual variable empty or 0 (seen)."""
    given = _variable("CONTENT_LENGTH").strip()
    if given in ("", "0"):
        given = _variable("HTTP_CONTENT_LENGTH").strip() or given
    chunked = "chunked" in _variable("HTTP_TRANSFER_ENCODING").lower()  # such a body announces none
    if not given or (given == "0" and chunked):
        return -1
    if not given.isascii() or not given.isdigit():
        raise Answer(400, "Content-Length is not a number")
    return int(given) if len(given) < 10 else MOST_BYTES + 1


def peer() -> str:
    """Who calls, for the log: the address that the web server saw, and beside it what a proxy claims."""
    shown = log_line.clean(_variable("REMOTE_ADDR"), 64) or "an unknown address"
    claims = []
    for name, words in (("HTTP_X_FORWARDED_FOR", "forwarded for"), ("HTTP_X_REAL_IP", "real ip")):
        claim = _variable(name)
        if claim:  # anybody can write anything here: only what an address may consist of is shown
            kept = "".join(letter if letter in "0123456789abcdefABCDEF.:, []" else "?" for letter in claim[:64])
            claims.append(f"{words} {kept}")
    return f"{shown} ({'; '.join(claims)})" if claims else shown


def _variable(name: str) -> str:
    return os.environ.get(name, "")


def _place(problem: BaseException) -> str:
    """Where in the module an unforeseen error arose, without its text: that may hold what the caller sent."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace is not None else ""


def _send(answer: Answer) -> None:
    head = f"Status: {answer.status}\r\nContent-Type: application/json\r\n"
    if answer.status == 405:
        head += "Allow: POST\r\n"
    body = f'{{"error":"{answer.error}"}}' if answer.error else '{"result":"ok"}'
    if _variable("REQUEST_METHOD") == "HEAD":
        body = ""
    data = f"{head}\r\n{body}".encode()
    try:
        while data:
            data = data[os.write(1, data) :]
    except OSError:
        return  # the caller hung up: the record is on disk, and there is nobody left to tell
