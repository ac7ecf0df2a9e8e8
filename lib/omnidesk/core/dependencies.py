"""What tests replace: the clock and its pauses, the ways to the other programs and hosts. Imports nothing heavy."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from omnidesk.billmanager.program import Runner


@dataclass
class Dependencies:
    """What tests put in the place of the real thing: the clock, its pauses, the ways to other programs and hosts."""

    clock: Callable[[], float] = time.time
    run_mgrctl: Runner | None = None
    adapter: BaseAdapter | None = None
    sendmail: str = "/usr/sbin/sendmail"
    telegram: str = "https://api.telegram.org"
    sleep: Callable[[float], None] = time.sleep
