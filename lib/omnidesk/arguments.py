"""What a command line says, for the panel and for a person alike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arguments:
    """What a command was given. ``id`` and ``rating`` are 0 when absent."""

    id: int = 0
    rating: int = 0
    dry_run: bool = False
    no_wait: bool = False
    linger: float = 0.0
    allow_mass_change: bool = False
    yes: bool = False
    language: str = "ru"
