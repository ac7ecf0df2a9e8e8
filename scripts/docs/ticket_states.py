"""Write the states of a ticket's row, and what leads from one to another, into docs/tables.md.

They are data (lib/omnidesk/store/ticket_states.py), and what a transition means is the first paragraph of its method's
docstring. Run with ``--check`` it only says whether the page is up to date.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Sequence

from generated import SOURCES, between, write

PAGE = SOURCES / "docs/tables.md"
BEGIN = (
    "<!-- begin of the states: written from lib/omnidesk/store/ticket_states.py by scripts/docs/ticket_states.py -->"
)
END = "<!-- end of the states -->"

sys.path.insert(0, str(SOURCES / "lib"))

from omnidesk.store.case_transitions import CaseTransitions  # noqa: E402  found through the line above
from omnidesk.store.ticket_states import ASPECTS, STATES, TRANSITIONS, State  # noqa: E402
from omnidesk.store.ticket_transitions import TicketTransitions  # noqa: E402


def page(document: str) -> str:
    """The page of tables with the states and transitions of today."""
    parts = [part for aspect in ASPECTS for part in _aspect(aspect)]
    parts += ["These change facts only (times, statuses, ids):", _table(("Method", "What happened"), _facts())]
    return between(document, BEGIN, END, "".join(f"\n{part}\n" for part in parts) + "\n")


def _aspect(aspect: str) -> Sequence[str]:
    states = (
        (f"**{state.name}**", state.meaning, state.columns) for state in STATES if state.aspect == aspect
    )  # fmt: skip
    steps = (
        (_name(one.method), _names(one.sources), _names(one.targets), what_happened(one.method))
        for one in TRANSITIONS
        if one.sources[0].aspect == aspect
    )
    return (
        f"### {aspect.capitalize()}",
        _table(("State", "Meaning", "Columns"), states),
        _table(("Method", "From", "To", "What happened"), steps),
    )


def _facts() -> Iterable[tuple[str, str]]:
    leading = {one.method for one in TRANSITIONS}
    for owner in (CaseTransitions, TicketTransitions):
        for name, method in vars(owner).items():
            if inspect.isfunction(method) and not name.startswith("_") and method not in leading:
                yield _name(method), what_happened(method)


def what_happened(method: Callable[..., object]) -> str:
    """The first paragraph of a method's docstring."""
    return " ".join((inspect.getdoc(method) or "").partition("\n\n")[0].split()).replace("``", "`")


def _name(method: Callable[..., object]) -> str:
    """As callers see it: the transitions of cases and tickets are methods of one object, the links."""
    owner, _, name = method.__qualname__.rpartition(".")
    return f"`{name}`" if owner in (CaseTransitions.__name__, TicketTransitions.__name__) else f"`{owner}.{name}`"


def _names(states: Iterable[State]) -> str:
    return ", ".join(state.name for state in states)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, *rows)]
    return "\n".join([lines[0], "|---" * len(heads) + "|", *lines[1:]])


def main() -> int:
    """Write, or with ``--check`` compare; 1 when the page is not up to date."""
    return write([(PAGE, page(PAGE.read_text(encoding="utf-8")))])


if __name__ == "__main__":
    sys.exit(main())
