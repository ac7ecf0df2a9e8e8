"""The part of the guard that looks at what a statement reads: no secrets, no other database, no unnamed columns.

It works on the guard's tokens and knows only so much of the grammar: which names are tables, which ``*`` stands for
all columns, and which strings are compared with something or are names themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from omnidesk.custom_fields import sql_secrets
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.custom_fields.sql_secrets import words

if TYPE_CHECKING:
    from omnidesk.custom_fields.sql_check import Token

_INTRODUCE_TABLE = frozenset({"FROM", "JOIN", "STRAIGHT_JOIN", "OJ", "LATERAL"})
_END_TABLES = frozenset(
    {"WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "WINDOW", "UNION", "EXCEPT", "INTERSECT", "FETCH", "PROCEDURE"}
)
_KEYWORDS = frozenset({"KEY", "KEYS"})  # reserved: an unquoted column of that name is only possible behind a dot
_BEFORE_TEXT = frozenset({"SELECT", "THEN", "ELSE", "SEPARATOR", "DISTINCT", "ALL", "INTERVAL", "BY"})
_COMPARISONS = words("= < > ! LIKE REGEXP RLIKE IN NOT BETWEEN")
_CONDITIONS = _COMPARISONS | words("AND OR XOR WHERE ON HAVING WHEN CASE BINARY")
_COMPARING = words(
    "IN FIELD FIND_IN_SET STRCMP INSTR LOCATE POSITION LOWER UPPER LCASE UCASE CONVERT CAST REGEXP_INSTR REGEXP_SUBSTR "
    "GREATEST LEAST"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def check(tokens: tuple[Token, ...]) -> None:
    """Refuses (:class:`FieldProblem`) a statement that names a secret, another database, or all columns at once."""
    for index in _tables(tokens):
        _check_table(tokens, index)
    compared = _compared(tokens)
    for index, token in enumerate(tokens):
        if token.kind == "string":
            _check_string(tokens, index, within=index in compared)
        elif token.kind == "*":
            _check_star(tokens, index)
        elif token.kind in ("word", "name"):
            _check_name(tokens, index)


def _check_name(tokens: tuple[Token, ...], index: int) -> None:
    token = tokens[index]
    dots = [_at(tokens, index + step) for step in (-1, 1, 3)]
    if dots == [dots[0], ".", "."] and dots[0] != "." and content(token).upper() != sql_secrets.OWN_SCHEMA:
        raise FieldProblem("other_schema", word=content(token))
    bare = token.upper in _KEYWORDS and dots[0] != "."
    found = "" if bare else sql_secrets.in_column(content(token)) or sql_secrets.in_hexadecimal(token.text)
    if found:
        raise FieldProblem("secret_column", word=content(token), part=found)


def content(token: Token) -> str:
    """A name or string without its quotes and escapes."""
    if token.kind == "word":
        return token.text
    quote, inner = token.text[0], token.text[1:-1]
    inner = inner.replace(quote * 2, quote)
    return inner if token.kind == "name" else _ESCAPED.sub(r"\1", inner)


def _tables(tokens: tuple[Token, ...]) -> Iterator[int]:
    """Where the name of each table begins: behind FROM and JOIN, and behind the commas and parentheses there."""
    clauses = [""]  # of each open parenthesis: "select", "from", or neither
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        behind = before is not None and (before.upper in _INTRODUCE_TABLE or before.kind in (",", "("))
        comes = behind and clauses[-1] == "from"
        word = "" if is_column(tokens, index) else token.upper
        if token.kind == "(":
            clauses.append("from" if comes else "")
        elif token.kind == ")":
            clauses.pop()
        elif word == "SELECT":
            clauses[-1] = "select"
        elif word == "FROM" and clauses[-1] == "select":
            clauses[-1] = "from"
        elif (
            word in _END_TABLES and clauses[-1] == "from" and _at(tokens, index - 1) != "FOR"
        ):  # USE INDEX FOR ORDER BY
            clauses[-1] = ""
        elif comes and token.kind in ("word", "name", "."):
            yield index


def is_column(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether the word is the ``b`` of ``a.b``, and so not a keyword, whatever it spells."""
    if index < 2:
        return False
    owner, dot, word = tokens[index - 2 : index + 1]
    return dot.kind == "." and owner.is_identifier and owner.end == dot.start and dot.end == word.start


def _check_table(tokens: tuple[Token, ...], index: int) -> None:
    parts = [tokens[index]]
    while _at(tokens, index + 1) == "." and index + 2 < len(tokens):
        parts.append(tokens[index + 2])
        index += 2
    names = [content(part) if part.kind in ("word", "name") else part.text for part in parts]
    if names[0] == "." or len(names) > 2 or (len(names) == 2 and names[0].upper() != sql_secrets.OWN_SCHEMA):
        raise FieldProblem("other_schema", word=".".join(names))
    found = sql_secrets.in_table(names[-1])
    if found:
        raise FieldProblem("secret_table", word=names[-1], part=found)


def _check_string(tokens: tuple[Token, ...], index: int, *, within: bool) -> None:
    """A string counts where it names something: compared with a column, an alias, or a path into JSON."""
    before, after = _at(tokens, index - 1), _at(tokens, index + 1)
    text = content(tokens[index])
    shown = not within and (before in ("", "(", ",", "string") or before in _BEFORE_TEXT)
    if shown and after not in _COMPARISONS and not text.startswith("$"):
        return
    found = sql_secrets.in_hexadecimal(f"0x{text}") if before == "X" else sql_secrets.in_constant(text)
    if found:
        raise FieldProblem("secret_column", word=text, part=found)


def _compared(tokens: tuple[Token, ...]) -> frozenset[int]:
    """The tokens within parentheses whose content something is compared with: ``IN (…)``, ``= LOWER(…)``, tuples."""
    inside: set[int] = set()
    frames = [False]
    ends = _ends(tokens)
    for index, token in enumerate(tokens):
        if token.kind == "(":
            function, before = _at(tokens, index - 1), _at(tokens, index - 2)
            plain = function in ("(", ",") or function in _CONDITIONS  # parentheses that call nothing
            compares = plain or function in _COMPARING or before in _CONDITIONS
            compares = compares or _at(tokens, ends[index] + 1) in _COMPARISONS
            subquery = _at(tokens, index + 1) == "SELECT"
            frames.append(not subquery and (compares or frames[-1]))
        elif token.kind == ")":
            frames.pop()
        elif frames[-1]:
            inside.add(index)
    return frozenset(inside)


def _ends(tokens: tuple[Token, ...]) -> dict[int, int]:
    """Where each opening parenthesis is closed."""
    ends, opened = {}, []
    for index, token in enumerate(tokens):
        if token.kind == "(":
            opened.append(index)
        elif token.kind == ")":
            ends[opened.pop()] = index
    return ends


def _check_star(tokens: tuple[Token, ...], index: int) -> None:
    """``*`` for all columns would read secrets without naming them; COUNT(*) and EXISTS (SELECT * …) read nothing."""
    after = _at(tokens, index + 1)
    if after not in ("", ",", ")", "FROM", "UNION"):
        return  # a product
    before = [_at(tokens, index - step) for step in (3, 2, 1)]
    if before[1:] == ["COUNT", "("] and after == ")":
        return
    if before == ["EXISTS", "(", "SELECT"] and after == "FROM":
        return
    raise FieldProblem("all_columns")


def _at(tokens: tuple[Token, ...], index: int) -> str:
    """The token at ``index`` as a keyword or sign; its kind for a name or string; "" where there is none."""
    if not 0 <= index < len(tokens):
        return ""
    token = tokens[index]
    return token.upper or token.kind
