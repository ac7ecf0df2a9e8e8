"""The parsed command line, the same for the panel and for a person."""

from __future__ import annotations

from dataclasses import dataclass, field

from omnidesk.wording.screen import Screen


@dataclass(frozen=True)
class Arguments:
    """What a command was given.

    ``id``: 0 when absent; ``rating``: good, bad or a number of stars; ``linger`` None: the setting LingerSeconds.
    ``since``, ``department``, ``open_only``: which tickets of the past; ``tables``, ``columns``, ``channel``: where the
    cases are that are taken over; ``watched``: a person looks on. ``full``: whole texts instead of their beginnings;
    ``after``: Unix seconds, 0.0 for any; ``prometheus``, ``output``: figures for a monitor, and the file they go to;
    ``no_omnidesk``: the account is left alone; ``trial``: with the test ``client``, in the name of ``employee``;
    ``screen``: what a person's answer is laid out for.
    """

    id: int = 0
    rating: str = ""
    dry_run: bool = False
    no_wait: bool = False
    linger: float | None = 0.0
    allow_mass_change: bool = False
    yes: bool = False
    since: str = ""
    department: str = ""
    open_only: bool = False
    tables: str = ""
    columns: str = ""
    channel: str = ""
    watched: bool = False
    language: str = "ru"
    full: bool = False
    after: float = 0.0
    prometheus: bool = False
    output: str = ""
    no_omnidesk: bool = False
    trial: bool = False
    client: str = ""
    employee: str = ""
    screen: Screen = field(default_factory=Screen)
