"""What can be wrong with a custom field, in both languages, and how to fix it.

A broken field never stops a ticket, so these problems are not sorted by what the worker has to do: all of them mean
"leave this field out and say so". The texts live here and not in :mod:`omnidesk.wording.error_texts` because they are
shown in two places that need both languages at once: log lines and the findings of ``check_connection``.
"""

from __future__ import annotations

from collections.abc import Callable

from omnidesk.core.errors import Misconfigured, Refused
from omnidesk.core.text import clean
from omnidesk.custom_fields.problem_texts import TEXTS, ProblemText

MOST_SHOWN = 50  # of one file: more would not be read


class FieldProblem(Refused):
    """One value, field or statement that cannot be used.

    ``code`` is a key of :data:`omnidesk.custom_fields.problem_texts.TEXTS`, ``params`` fill its placeholders. As a
    :class:`~omnidesk.core.errors.Failure` its type is ``custom_field``, so it can be shown as the panel's XML too.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.text: ProblemText = TEXTS[code]
        self._values = {name: _short(str(value)) for name, value in params.items()}
        sentence, sentence_ru = self._fill(self.text.en), self._fill(self.text.ru)
        super().__init__("custom_field", value=sentence, value_ru=sentence_ru)

    @property
    def en(self) -> str:
        """The problem as an English sentence without a full stop."""
        return self._fill(self.text.en)

    @property
    def ru(self) -> str:
        """The same in Russian."""
        return self._fill(self.text.ru)

    @property
    def about(self) -> str:
        """The key of the catalogue's entry at fault; "" when the problem is not one of an entry."""
        return self._values.get("key", "")

    @property
    def cure_en(self) -> str:
        """What the administrator should do about it, in English."""
        return self._fill(self.text.cure_en)

    @property
    def cure_ru(self) -> str:
        """The same in Russian."""
        return self._fill(self.text.cure_ru)

    def __str__(self) -> str:
        return self.en

    def _fill(self, template: str) -> str:
        return template.format_map(self._values)


Warn = Callable[[FieldProblem], None]
"""Takes what deserves a look although the field is filled: a value that was cut, a second row."""


def ignore(problem: FieldProblem) -> None:
    """For callers that have nobody to tell."""


class BrokenFile(Misconfigured):
    """A file of etc/omnidesk that cannot be used, with every problem found in it.

    ``type`` is ``catalogue`` or ``field_links``, ``object`` the file's name, ``value`` all problems in English and the
    parameter ``value_ru`` all of them in Russian.
    """

    def __init__(self, type: str, filename: str, problems: tuple[FieldProblem, ...]) -> None:
        self.problems = problems
        more = len(problems) - MOST_SHOWN
        english = "; ".join(problem.en for problem in problems[:MOST_SHOWN]) + (
            f"; and {more} more" if more > 0 else ""
        )
        russian = "; ".join(problem.ru for problem in problems[:MOST_SHOWN]) + (f"; и ещё {more}" if more > 0 else "")
        super().__init__(type, object=filename, value=english, value_ru=russian)

    def __str__(self) -> str:
        return f"{self.object}: {self.value}"


def _short(text: str, limit: int = 200) -> str:
    """One line of at most ``limit`` characters: these texts end up in a line-based log."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
