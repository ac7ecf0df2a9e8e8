"""The module's logs, in the panel's own format and colours (billmanager-like lines, levels from etc/debug.conf).

``logging`` is used inside; each record becomes one appended write, the file reopened each time, so that rotation
and many processes at once need no agreement. Known secrets are blotted out whatever put them there.
"""

from __future__ import annotations

import logging
import traceback

from omnidesk.core import log_line
from omnidesk.core.paths import Paths

EXTINFO = 15
logging.addLevelName(EXTINFO, "EXTINFO")
_LEVELS = {9: logging.DEBUG, 6: EXTINFO, 5: logging.INFO, 4: logging.WARNING, 3: logging.ERROR, 2: logging.CRITICAL}


class PanelHandler(logging.Handler):
    """Writes records to a file as the panel writes its own."""

    def __init__(self, path: str, color: bool) -> None:
        super().__init__()
        self.path = path
        self.color = color
        self.secrets: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
            if record.exc_info:
                text += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
            for secret in self.secrets:
                text = text.replace(secret, "***")
            level = record.levelname if record.levelname in log_line.LEVELS else "INFO"
            log_line.append(self.path, log_line.format_line(record.name, level, log_line.block(text), color=self.color))
        except OSError as error:  # a full disk must not stop the tickets; the panel keeps stderr in its own log
            log_line.to_stderr(f"pmomnidesk: cannot write {self.path}: {error.strerror}")


def start(paths: Paths, secrets: tuple[str, ...] = ()) -> PanelHandler:
    """Send all records of this process to ``var/pmomnidesk.log`` at the level of ``etc/debug.conf``."""
    threshold = log_line.threshold(paths.debug_conf, "pmomnidesk")
    handler = PanelHandler(paths.log, log_line.use_color(paths.debug_conf, "pmomnidesk"))
    handler.secrets.update(secret for secret in secrets if len(secret) >= 4)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS.get(threshold, logging.DEBUG if threshold > 6 else logging.CRITICAL))
    for noisy in ("urllib3", "sqlglot"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return handler


def extinfo(logger: logging.Logger, text: str, *values: object) -> None:
    """The panel's level between INFO and DEBUG: what was looked at, also when nothing came of it."""
    logger.log(EXTINFO, text, *values)
