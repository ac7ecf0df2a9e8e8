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
from omnidesk.core.phrase import Phrase, plain
from omnidesk.probe.findings import NOTHING, Check, Finding, counted, fact, judged, name, names, yes

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
            raise TryLater(
                "panel_answer", arguments[0], Phrase("probe.bytes", code=ran.code, count=len(ran.out))
            ) from None

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
            yield judged("panel.functions", None, Phrase("probe.no_list", count=len(listed)))
            return
        missing = [one for one in USED if one not in listed]
        near = sorted(one for one in listed if (_ABOUT.search(one) and "." in one) or one in ("ticket", "ticket_all"))
        shown = [", ".join(some) or NOTHING for some in (missing, near[:80])]
        yield judged("panel.functions", not missing, Phrase("probe.functions", missing=shown[0], near=shown[1]))

    def parameters(self) -> Iterator[Finding]:
        ran, root = self._call("paramlist")
        _refuse(ran, root, "paramlist")
        found = [str(child.tag) for elem in root.iter("elem") for child in elem]
        shown = sorted(one for one in set(found) if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,59}", one))
        yield fact("panel.parameters", plain(", ".join(shown) or NOTHING))
        beside = {str(child.tag) for child in root} - {"elem"}
        right = "tparams" in beside and "metadata" not in beside
        yield judged("panel.answers", right, Phrase("probe.beside_rows", names=names(beside)))

    def whoami(self) -> Iterator[Finding]:
        ran, root = self._call("whoami")
        _refuse(ran, root, "whoami")
        result = [f"{name(child.tag)}({names(child.attrib)})" for child in root if isinstance(child.tag, str)]
        user = root.find("user")
        right = user is not None and {"name", "level"} <= set(user.attrib)
        yield judged("panel.whoami", right, plain(" ".join(result) or NOTHING))

    def unknown_user(self) -> Iterator[Finding]:
        ran, root = self._call("whoami", f"su={NOBODY}")
        error = root if root.tag == "error" else root.find("error")
        if error is None:
            yield judged("panel.su", False, Phrase("probe.no_error", code=ran.code))
            return
        kind, what = error.get("type") or "", error.get("object") or ""
        found = Phrase("probe.error", type=name(kind), object=name(what))
        yield judged("panel.su", (kind, what) == ("access", "su"), found)
        parts = names(str(child.tag) for child in error)
        yield judged("panel.errors", ran.code in (0, 1), Phrase("probe.error_parts", code=ran.code, parts=parts))

    def environment(self) -> Iterator[Finding]:
        took = Mgrctl(self.run, TIMEOUT).ask()
        yield judged("panel.environment", took, Phrase("probe.environment", arrived=yes(took)))

    def upload(self) -> Iterator[Finding]:
        """The form of a new ticket names its file fields in its metadata."""
        ran = self.run(["-m", "billmgr", "clientticket.edit", "out=devel"], {}, TIMEOUT)
        try:
            root = xml.parse(ran.out)
        except xml.NotXML:
            raise TryLater("panel_answer", "clientticket.edit", Phrase("said.exit_code", code=ran.code)) from None
        error = root if root.tag == "error" else root.find("error")
        if error is not None:
            yield judged("panel.upload", None, Phrase("probe.refused", type=name(error.get("type"))))
            return
        fields = [str(one.get("name")) for one in root.iter("input") if one.get("type") == "file"]
        result = Phrase("probe.file_fields", fields=names(fields), described=yes(root.find("metadata") is not None))
        yield judged("panel.upload", True if "file_1" in fields else None if not fields else False, result)

    def forms(self) -> Iterator[Finding]:
        """The module's list: whether the panel knows it, and shows the title that the handler gives it."""
        ran = self.run(["-m", "billmgr", LIST, "out=devel"], {}, TIMEOUT)
        try:
            root = xml.parse(ran.out)
        except xml.NotXML:
            raise TryLater("panel_answer", LIST, Phrase("said.exit_code", code=ran.code)) from None
        error = root if root.tag == "error" else root.find("error")
        if error is not None:
            refused = Phrase("probe.refused", type=name(error.get("type")))
            yield judged("panel.forms", False, refused)
            yield judged("panel.title", None, refused)
            return
        found = Phrase("probe.served", described=yes(root.find("metadata") is not None))
        yield judged("panel.forms", root.find("p_cnt") is not None, found)
        texts = {one.get("name"): one.text or "" for one in root.iterfind("messages/msg")}
        changed = _TITLE in texts.get("title", "")
        yield judged("panel.title", changed if texts else None, Phrase("probe.counters", there=yes(changed)))

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
        yield judged("panel.registered", True if registered else None, Phrase("probe.lines", count=registered))
        named = Phrase("probe.description", count=described, complaints=complaints)
        yield judged("panel.description", None if not described else not complaints, named)
        others = len(set(called) - set(shown))
        yield judged("panel.called", None, Phrase("probe.called", lines=lines, counts=counted(shown), others=others))

    def _known(self) -> set[str]:
        """A name in a line of the log may be a client's invention: only what the panel itself lists is shown."""
        try:
            return self.listed() | set(USED)
        except TryLater:
            return set(USED)


def _refuse(ran: Ran, root: etree._Element, func: str) -> None:
    error = root if root.tag == "error" else root.find("error")
    if error is not None or ran.code != 0:
        kind = name(error.get("type")) if error is not None else NOTHING
        raise TryLater("panel_answer", func, Phrase("probe.error_type", code=ran.code, type=kind))
