"""What can be wrong with a custom field: the texts are in :mod:`omnidesk.wording.field_texts`.

A broken field never stops a ticket, so these problems are not sorted by what the worker has to do: all of them mean
"leave this field out and say so".
"""

from __future__ import annotations

from collections.abc import Callable

from omnidesk.core.errors import Misconfigured, Refused
from omnidesk.core.phrase import Phrase, join
from omnidesk.core.text import clean

MOST_SHOWN = 50  # of one file: more would not be read


class FieldProblem(Refused):
    """One value, field or statement that cannot be used.

    ``code`` is a key of :data:`omnidesk.wording.field_texts.TEXTS`, ``params`` fill its placeholders; ``said`` is the
    problem without a full stop. As a :class:`~omnidesk.core.errors.Failure` its type is ``custom_field``.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.said = Phrase(f"field.{code}", **{name: _short(str(value)) for name, value in params.items()})
        super().__init__("custom_field", value=self.said)

    @property
    def about(self) -> str:
        """The key of the catalogue's entry at fault; "" when the problem is not one of an entry."""
        return str(self.said.params.get("key", ""))

    def __str__(self) -> str:
        return self.value


Warn = Callable[[FieldProblem], None]
"""Takes what deserves a look although the field is filled: a value that was cut, a second row."""


def ignore(problem: FieldProblem) -> None:
    """For callers that have nobody to tell."""


class BrokenFile(Misconfigured):
    """A file of etc/omnidesk that cannot be used, with every problem found in it.

    ``type`` is ``catalogue`` or ``field_links``, ``object`` the file's name, ``value`` says all problems.
    """

    def __init__(self, type: str, filename: str, problems: tuple[FieldProblem, ...]) -> None:
        self.problems = problems
        more = len(problems) - MOST_SHOWN
        said = [problem.said for problem in problems[:MOST_SHOWN]]
        super().__init__(type, filename, join([*said, Phrase("and_more", count=more)] if more > 0 else said))

    def __str__(self) -> str:
        return f"{self.object}: {self.value}"


def _short(text: str, limit: int = 200) -> str:
    """One line of at most ``limit`` characters: these texts end up in a line-based log."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
