"""What this host is, and what lies in the panel's tree: names of files and modes, no contents but versions."""

from __future__ import annotations

import os
import platform
import re
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

from omnidesk.core import log_files, log_line, version
from omnidesk.core.paths import Paths
from omnidesk.core.phrase import Phrase, join, plain
from omnidesk.probe.findings import NOTHING, PARTS, Check, Finding, counted, fact, judged, yes
from omnidesk.store.schema import MIGRATIONS

# What packages of BILLmanager and the core are called (seen in public integrations); ours is among them.
_PACKAGES = ("billmanager*", "coremanager*")
_QUERIES = (
    ("dpkg-query", "-W", "-f", "${Package} ${Version}\\n"),
    ("rpm", "-qa", "--qf", "%{NAME} %{VERSION}-%{RELEASE}\\n"),
)
# Lines of omnidesk.hooks.webhook
_WEBHOOK = re.compile(
    r"webhook from [^:]+.*: (?:case (?P<number>[\d-]+) changed|no case named \(a test call\?\)),"
    r" (?P<kind>JSON|a form|a multipart form)(?P<new>, a message)?$"
)
_ENCODINGS = {"JSON": "JSON", "a form": "form", "a multipart form": "multipart"}
_REFUSED = re.compile(r"(?:INFO|WARNING|ERROR) (40[035]|413): ")
_EXPECTED = {"etc/xml": {"644"}, "processing": {"755"}, "cgi": {"755"}, "addon": {"750"}}
_OURS = {"billmgr_mod_omnidesk.xml", "pmomnidesk", "omnidesk_webhook", "omnidesk", "omnidesk-venv"}


class HostChecks:
    """The checks that need neither database nor panel."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths

    def checks(self) -> list[tuple[str, Check]]:
        return [
            ("host.versions", self.versions),
            ("host.packages", self.packages),
            ("host.modes", self.modes),
            ("host.debug_conf", self.debug_conf),
            ("host.original", self.original),
            ("host.webhooks", self.webhooks),
        ]

    def versions(self) -> Iterator[Finding]:
        system = NOTHING
        try:
            system = platform.freedesktop_os_release().get("PRETTY_NAME", system)
        except OSError:
            pass  # a system without that file is recognised by its kernel
        others = (system, platform.machine(), f"Python {sys.version.split()[0]}", " ".join(platform.libc_ver()))
        ours = Phrase("probe.versions", module=version.VERSION, tables=len(MIGRATIONS))
        yield fact("host.versions", join([ours, *map(plain, others)]))

    def packages(self) -> Iterator[Finding]:
        found: list[str] = []
        for query in _QUERIES:
            try:
                done = subprocess.run(  # noqa: S603 names of ours, no shell
                    [*query, *_PACKAGES], capture_output=True, text=True, timeout=60, check=False, env=_environment()
                )
            except (OSError, subprocess.TimeoutExpired):
                continue  # the other system's
            found += re.findall(r"^[a-z0-9.+-]+ [\w.+:~^-]+$", done.stdout, re.MULTILINE)
        yield fact("host.packages", plain("; ".join(sorted(found)[:80])) if found else Phrase("probe.none"))

    def modes(self) -> Iterator[Finding]:
        result, right = [], True
        seen = 0
        for folder, expected in _EXPECTED.items():
            modes: Counter[str] = Counter()
            others = 0
            for entry in os.scandir(os.path.join(self.paths.root, folder)):
                if entry.is_file(follow_symlinks=False) and entry.name not in _OURS:
                    facts = entry.stat(follow_symlinks=False)
                    others += facts.st_uid != 0
                    modes[f"{stat.S_IMODE(facts.st_mode):o}"] += 1
            most = modes.most_common(1)
            seen += sum(modes.values())
            right = right and (not most or most[0][0] in expected)
            result.append(Phrase("probe.modes", folder=folder, modes=counted(modes), others=others))
        yield judged("host.modes", right if seen else None, join(result, PARTS))

    def debug_conf(self) -> Iterator[Finding]:
        path = self.paths.debug_conf
        levels = {log: log_line.threshold(path, log) for log in ("pmomnidesk", "omnidesk_webhook", "billmgr")}
        there, colours = yes(os.path.exists(path)), yes(log_line.use_color(path, "pmomnidesk"))
        yield fact("host.debug_conf", Phrase("probe.log_levels", there=there, levels=counted(levels), colours=colours))

    def original(self) -> Iterator[Finding]:
        """Names of files that another OmniDesk module has in the panel's tree."""
        found = []
        for folder in ("etc/xml", "processing", "cgi", "addon", "etc", "lib", "libexec", "var"):
            try:
                listed = sorted(os.listdir(os.path.join(self.paths.root, folder)))
            except OSError:
                continue
            for name in listed:
                if "omni" in name.lower() and name not in _OURS and re.fullmatch(r"[\w.-]{1,80}", name, re.ASCII):
                    found.append(f"{folder}/{name}")
        ours = ("etc/omnidesk", "var/omnidesk", "var/pmomnidesk.log", "var/omnidesk_webhook.log", "lib/omnidesk-venv.")
        others = [one for one in found if not one.startswith(ours)]
        yield fact("host.original", plain(", ".join(others)) if others else Phrase("probe.none"))

    def webhooks(self) -> Iterator[Finding]:
        """Which webhooks came, by the hook's own log: the channel's name a message, a rule's do not."""
        channel, rules, tests, refused = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        for entry in log_files.entries(self.paths.webhook_log):
            came, code = _WEBHOOK.search(entry.text), _REFUSED.search(entry.text)
            kind = _ENCODINGS[came["kind"]] if came else ""
            if came and came["number"]:
                by = "case_number" if "-" in came["number"] else "case_id"
                place = channel if came["new"] else rules
                place[kind if came["new"] else f"{kind} {by}"] += 1
            elif came:
                tests[kind] += 1
            elif code:
                refused[code[1]] += 1
        odd = any(one in refused for one in ("400", "405"))
        yield judged("host.webhooks", True if channel else False if odd else None, _received(channel))
        yield judged("host.rule_webhooks", True if rules else None, _received(rules))
        answers = Phrase("probe.test_calls", done=counted(tests), refused=counted(refused))
        yield judged("host.webhook_tests", True if tests else False if odd else None, answers)


def _received(found: Counter[str]) -> Phrase:
    return Phrase("probe.received", counts=counted(found))


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
