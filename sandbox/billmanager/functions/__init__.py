"""The panel's functions by name. A module of this package adds its own with the decorator."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.billmanager.request import Context

Function = Callable[[Context], None]
FUNCTIONS: dict[str, Function] = {}


def function(*names: str) -> Callable[[Function], Function]:
    """Register a panel function under its names."""

    def register(implementation: Function) -> Function:
        for name in names:
            FUNCTIONS[name] = implementation
        return implementation

    return register
