"""Events around a function, and the handlers run for them as processes (documented)."""

from __future__ import annotations

import copy
import subprocess
import time
import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from sandbox.billmanager.answer import PanelError, add_request, render
from sandbox.billmanager.plugin import Handler, Plugins
from sandbox.billmanager.request import Actor, Request

_NEVER_PASSED_ON = ("authinfo", "auth")
_CORES_SECRETS = ("password", "key")  # of the core's own functions; a handler's own forms may have such fields


@dataclass(frozen=True)
class Event:
    """What a hook is called with: ``stage`` is before, after or final."""

    stage: str
    func: str
    params: dict[str, str]
    actor: Actor
    _document: Callable[[], str]

    @cached_property
    def xml(self) -> str:
        """The session document, to be read while the hook runs; most hooks do not, and making it takes long."""
        return self._document()


@dataclass(frozen=True)
class EventRun:
    """One run of a handler as a process."""

    handler: str
    stage: str
    func: str
    environment: dict[str, str]
    stdin: str
    stdout: bytes
    stderr: bytes
    rc: int | None
    seconds: float


@dataclass(frozen=True)
class Complaint:
    """What the core would write into its log: a handler ended badly or its answer is no XML document."""

    handler: str
    stage: str
    func: str
    reason: str


class Events:
    """Fires hooks (always) and handlers (when ``enabled``), and keeps the record of both."""

    def __init__(self, root: Path, enabled: bool, limit: float) -> None:
        self.enabled = enabled
        self.limit = limit
        self.hooks: list[Callable[[Event], None]] = []
        self.runs: list[EventRun] = []
        self.complaints: list[Complaint] = []
        self.plugins = Plugins(root)
        self._root = root

    def fire(self, stage: str, request: Request, doc: ET.Element) -> ET.Element:
        """Run everything registered for this stage; the document as the handlers leave it.

        An error that a handler answers with, or its failure unless ``ignore_errors`` is set, is raised.
        """
        for hook in self.hooks:
            document = partial(_session_document, request, doc)
            hook(Event(stage, request.func, dict(request.params), request.actor, document))
        if self.enabled:
            for handler in self.plugins.for_event(request.func, stage):
                doc = self._handle(handler, stage, request, doc)
        return doc

    def function(self, handler: Handler, request: Request, doc: ET.Element) -> ET.Element:
        """A function that a handler implements (``<func name=…>``)."""
        return self._handle(handler, "action", request, doc)

    def _handle(self, handler: Handler, stage: str, request: Request, doc: ET.Element) -> ET.Element:
        run = self._run(handler, stage, request, doc)
        if not request.quiet:
            self.runs.append(run)
        answer, reason = _judge(run)
        if answer is None:
            self.complaints.append(Complaint(handler.name, stage, request.func, reason))
            if handler.ignore_errors:
                return doc
            raise PanelError("plugin", handler.name, handler.name)
        error = answer.find("error")
        if error is not None:
            raise _reported(error)
        return without(answer, ("tparams",))

    def _run(self, handler: Handler, stage: str, request: Request, doc: ET.Element) -> EventRun:
        environment = handler_environment(stage, request)
        stdin = _session_document(request, doc)
        started = time.monotonic()
        stdout, stderr, rc = b"", b"", None
        try:
            process = subprocess.Popen(
                [str(self._root / "addon" / handler.name)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._root,
                env={name.encode(): value.encode("utf-8", "replace") for name, value in environment.items()},
            )
        except OSError as error:  # not installed, not executable, or an environment that is too large
            stderr = str(error).encode()
        else:
            stdout, stderr, rc = _talk(process, stdin.encode(), self.limit)
        seconds = time.monotonic() - started
        return EventRun(handler.name, stage, request.func, environment, stdin, stdout, stderr, rc, seconds)


def handler_environment(stage: str, request: Request) -> dict[str, str]:
    """The whole environment of a handler: the call as variables, and next to nothing else (documented)."""
    apart = _NEVER_PASSED_ON if stage == "action" else (*_NEVER_PASSED_ON, *_CORES_SECRETS)
    shown = {name: value for name, value in request.params.items() if name not in apart}
    shown["func"] = request.func
    environment = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C",
        "AUTH_USER": request.actor.auth_user,
        "AUTH_LEVEL": str(request.actor.level),
        "AUTH_IP": request.label if request.via == "http" else "127.0.0.1",
        "EVENT_TYPE": stage,
        "ACTION_NAME": request.func,
        "QUERY_STRING": urllib.parse.urlencode(sorted(shown.items()), errors="replace"),
    }
    if request.via != "mgrctl":
        environment["HTTP_COOKIE"] = "billmgrses5=0123456789ab; billmgrlang5=dragon:ru"
        environment["HTTP_X_FORWARDED_SECRET"] = "forwarded-secret"
    environment |= {f"PARAM_{name}": value.replace("\0", "") for name, value in shown.items()}
    environment |= {f"PARAM_{name}": upload.name for name, upload in request.uploads.items()}
    return environment


def _reported(error: ET.Element) -> PanelError:
    """The error a handler answered with, its parameters included."""
    params = {one.get("name", ""): one.text or "" for one in error.findall("param") if one.get("name") != "object"}
    value = error.get("value") or params.get("value", "")
    return PanelError(error.get("type", ""), error.get("object", ""), value, error.findtext("msg") or "", params)


def _session_document(request: Request, doc: ET.Element) -> str:
    full = copy.deepcopy(doc)
    add_request(full, {"func": request.func, **request.params})
    return render(full, "devel")


def without(doc: ET.Element, names: tuple[str, ...]) -> ET.Element:
    """``doc`` without its children of these names."""
    for child in list(doc):
        if child.tag in names:
            doc.remove(child)
    return doc


def _talk(process: subprocess.Popen[bytes], stdin: bytes, limit: float) -> tuple[bytes, bytes, int | None]:
    """Feed the handler and read until it closes its output, as the core does; kill it at the limit."""
    try:
        stdout, stderr = process.communicate(stdin, timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        return b"", f"no end of its output within {limit} s".encode(), None
    return stdout, stderr, process.returncode


def _judge(run: EventRun) -> tuple[ET.Element | None, str]:
    """The handler's document, or why the core would complain."""
    if run.rc is None:
        return None, run.stderr.decode(errors="replace")
    if run.rc != 0:
        return None, f"exit code {run.rc}: {run.stderr.decode(errors='replace')[-500:]}"
    try:
        answer = ET.fromstring(run.stdout)
    except ET.ParseError as error:
        return None, f"not XML ({error}): {run.stdout[:200]!r}"
    if answer.tag != "doc":
        return None, f"the root is <{answer.tag}>, not <doc>"
    return answer, ""
