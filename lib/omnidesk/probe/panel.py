"""What is assumed of the panel: functions, answers, its log. Only functions that read are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from omnidesk.billmanager.mgrctl import Mgrctl
from omnidesk.billmanager.program import Ran, Runner
from omnidesk.core import log_files, xml
from omnidesk.core.errors import TryLater
from omnidesk.core.paths import Paths
from omnidesk.probe.findings import Check, Finding, counted, fact, judged, name, names

USED = ("clientticket.edit", "paramlist", "session.newkey", "support_tool_responsible", "ticket.edit", "ticket.file",
        "ticket_all.edit", "whoami")  # fmt: skip
LIST = "omnidesk.queue"  # the module's own, which only reads
NOBODY = "pmomnidesk-probe-nobody"
TIMEOUT = 60.0
MOST_LINES = 2_000_000
_TITLE = " — "  # stands between the list's title and its counters
_FUNCTION = re.compile(r"(?<![\w.])[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?![\w.])", re.ASCII)
_REQUEST = re.compile(r"\bfunc=([a-z][a-z0-9_.]{1,59})(?=[&']|$)", re.ASCII)
_ABOUT = re.compile(r"omni|ticket|modul|integr|rate|rating|attitude|plugin", re.ASCII)


class PanelChecks:
    """The checks that ask the panel, and those that read its log."""

    def __init__(self, paths: Paths, run: Runner) -> None:
        self.paths = paths
        self.run = run
        self._listed: set[str] | None = None

    def checks(self) -> list[tuple[str, Check]]:
        return [
            ("panel.functions", self.functions),
            ("panel.parameters", self.parameters),
            ("panel.whoami", self.whoami),
            ("panel.su", self.unknown_user),
            ("panel.environment", self.environment),
            ("panel.upload", self.upload),
            ("panel.forms", self.forms),
            ("panel.registered", self.log),
        ]

    def _call(self, *arguments: str) -> tuple[Ran, etree._Element]:
        ran = self.run(["-m", "billmgr", *arguments, "out=xml"], {}, TIMEOUT)
        try:
            return ran, xml.parse(ran.out)
        except xml.NotXML:
            raise TryLater("panel_answer", arguments[0], f"exit code {ran.code}, {len(ran.out)} bytes") from None

    def listed(self) -> set[str]:
        """The names of functions in the panel's own list; empty where it gives none."""
        if self._listed is None:
            ran = self.run(["-m", "billmgr", "-i"], {}, TIMEOUT)
            text = ran.out.decode("utf-8", "replace") if ran.code == 0 else ""
            self._listed = set(_FUNCTION.findall(text))
        return self._listed

    def functions(self) -> Iterator[Finding]:
        listed = self.listed()
        if not listed & set(USED):
            yield judged("panel.functions", None, f"mgrctl -i names none of ours, {len(listed)} words")
            return
        missing = [one for one in USED if one not in listed]
        near = sorted(one for one in listed if (_ABOUT.search(one) and "." in one) or one in ("ticket", "ticket_all"))
        result = f"missing: {', '.join(missing) or 'none'}; about tickets and modules: {', '.join(near[:80])}"
        yield judged("panel.functions", not missing, result)

    def parameters(self) -> Iterator[Finding]:
        ran, root = self._call("paramlist")
        _refuse(ran, root, "paramlist")
        found = [str(child.tag) for elem in root.iter("elem") for child in elem]
        shown = sorted(one for one in set(found) if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,59}", one))
        yield fact("panel.parameters", ", ".join(shown))
        beside = {str(child.tag) for child in root} - {"elem"}
        yield judged("panel.answers", "tparams" in beside and "metadata" not in beside, f"beside rows: {names(beside)}")

    def whoami(self) -> Iterator[Finding]:
        ran, root = self._call("whoami")
        _refuse(ran, root, "whoami")
        result = [f"{name(child.tag)}({names(child.attrib)})" for child in root if isinstance(child.tag, str)]
        user = root.find("user")
        right = user is not None and {"name", "level"} <= set(user.attrib)
        yield judged("panel.whoami", right, " ".join(result) or "empty")

    def unknown_user(self) -> Iterator[Finding]:
        ran, root = self._call("whoami", f"su={NOBODY}")
        error = root if root.tag == "error" else root.find("error")
        if error is None:
            yield judged("panel.su", False, f"no error, exit code {ran.code}")
            return
        kind, what = error.get("type") or "", error.get("object") or ""
        yield judged("panel.su", (kind, what) == ("access", "su"), f"type {name(kind)}, object {name(what)}")
        parts = names(str(child.tag) for child in error)
        yield judged("panel.errors", ran.code in (0, 1), f"exit code {ran.code}, parts {parts}")

    def environment(self) -> Iterator[Finding]:
        took = Mgrctl(self.run, TIMEOUT).ask()
        yield judged("panel.environment", took, f"a value of -e {'arrived' if took else 'did not arrive'}")

    def upload(self) -> Iterator[Finding]:
        """The form of a new ticket names its file fields in its metadata."""
        ran = self.run(["-m", "billmgr", "clientticket.edit", "out=devel"], {}, TIMEOUT)
        try:
            root = xml.parse(ran.out)
        except xml.NotXML:
            raise TryLater("panel_answer", "clientticket.edit", f"exit code {ran.code}") from None
        error = root if root.tag == "error" else root.find("error")
        if error is not None:
            yield judged("panel.upload", None, f"the form is refused: type {name(error.get('type'))}")
            return
        fields = [str(one.get("name")) for one in root.iter("input") if one.get("type") == "file"]
        result = (
            f"fields of type file: {names(fields)}; metadata {'there' if root.find('metadata') is not None else 'not'}"
        )
        yield judged("panel.upload", True if "file_1" in fields else None if not fields else False, result)

    def forms(self) -> Iterator[Finding]:
        """The module's list: whether the panel knows it, and shows the title that the handler gives it."""
        ran = self.run(["-m", "billmgr", LIST, "out=devel"], {}, TIMEOUT)
        try:
            root = xml.parse(ran.out)
        except xml.NotXML:
            raise TryLater("panel_answer", LIST, f"exit code {ran.code}") from None
        error = root if root.tag == "error" else root.find("error")
        if error is not None:
            yield judged("panel.forms", False, f"refused: type {name(error.get('type'))}")
            yield judged("panel.title", None, "no list")
            return
        described = root.find("metadata") is not None
        found = f"served; metadata {'there' if described else 'not'}"
        yield judged("panel.forms", root.find("p_cnt") is not None, found)
        texts = {one.get("name"): one.text or "" for one in root.iterfind("messages/msg")}
        changed = _TITLE in texts.get("title", "")
        yield judged("panel.title", changed if texts else None, f"{'with' if changed else 'without'} counters")

    # The log

    def log(self) -> Iterator[Finding]:
        """What the panel wrote when it started, and which functions were called; only names it lists itself."""
        registered = described = complaints = lines = 0
        called: Counter[str] = Counter()
        for entry in log_files.entries(self.paths.panel_log):
            lines += 1
            if lines > MOST_LINES:
                break
            if "Register event 'omnidesk'" in entry.text:
                registered += 1
            if "billmgr_mod_omnidesk" in entry.text:
                described += 1
                complaints += entry.level in ("ERROR", "WARNING", "CRITICAL")
            found = _REQUEST.search(entry.text)
            if found and " Request " in entry.text[:200]:
                called[found[1]] += 1
        known = self._known()
        shown = {one: count for one, count in called.items() if one in known and _ABOUT.search(one)}
        yield judged("panel.registered", True if registered else None, f"{registered} lines")
        yield judged("panel.description", None if not described else not complaints,
                     f"{described} lines name it, {complaints} of them complain")  # fmt: skip
        others = len(set(called) - set(shown))
        words = f"{lines} lines; {counted(shown)}; {others} other functions"
        yield judged("panel.called", None, words)

    def _known(self) -> set[str]:
        """A name in a line of the log may be a client's invention: only what the panel itself lists is shown."""
        try:
            return self.listed() | set(USED)
        except TryLater:
            return set(USED)


def _refuse(ran: Ran, root: etree._Element, func: str) -> None:
    error = root if root.tag == "error" else root.find("error")
    if error is not None or ran.code != 0:
        kind = name(error.get("type")) if error is not None else "none"
        raise TryLater("panel_answer", func, f"exit code {ran.code}, error type {kind}")
