"""The quick check of every statement before each execution. Standard library only.

It reads the statement the way the server's lexer does (strings, backticks, escapes, comments) and refuses whatever can
make a SELECT do more than read: comments of every kind, because ``/*! INTO OUTFILE … */`` is code to the server and
nothing to an SQL parser (measured; docs/custom-fields.md), a second statement, user variables, INTO, locks, sleeping,
and a closing parenthesis that would end the derived table the statement is wrapped into. Secrets and other databases
are refused by :mod:`omnidesk.custom_fields.sql_reach`.

The lexer assumes what :func:`omnidesk.custom_fields.sql_run.prepare` sets: UTF-8 and an empty ``sql_mode`` (backslash
escapes, double quotes are strings).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from omnidesk.custom_fields import sql_reach
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.custom_fields.sql_secrets import words

LONGEST = 16_384
"""Characters a statement may have; the documented ones have fewer than a hundred."""


# All of these are reserved in MySQL and MariaDB, so an unquoted column or alias cannot have such a name, except
# DUMPFILE and HANDLER, which a column of that name has to be quoted for.
RESERVED = words(
    "INTO OUTFILE DUMPFILE INFILE HANDLER CALL SET PROCEDURE INSERT UPDATE DELETE REPLACE DROP ALTER CREATE GRANT "
    "REVOKE LOAD LOCK UNLOCK RENAME KILL TABLE"
)
# Refused only as calls: a column may be called `sleep`.
FUNCTIONS = words(
    "SLEEP BENCHMARK LOAD_FILE GET_LOCK RELEASE_LOCK RELEASE_ALL_LOCKS IS_FREE_LOCK IS_USED_LOCK NEXTVAL LASTVAL "
    "SETVAL LAST_INSERT_ID MASTER_POS_WAIT SOURCE_POS_WAIT MASTER_GTID_WAIT WAIT_FOR_EXECUTED_GTID_SET "
    "WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS WSREP_SYNC_WAIT_UPTO_GTID SYS_EXEC SYS_EVAL SYS_GET SYS_SET"
)
# Words that do harm only together.
PAIRS = frozenset(
    {("FOR", "UPDATE"), ("FOR", "SHARE"), ("LOCK", "IN"), ("NEXT", "VALUE"), ("PREVIOUS", "VALUE"), ("VALUE", "FOR")}
)
SYSTEM_SCHEMAS = words("MYSQL SYS PERFORMANCE_SCHEMA INFORMATION_SCHEMA")

_WORD = re.compile(r"[0-9A-Za-z_$\u0080-\U0010ffff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CLAUSES = words("SELECT FROM JOIN UNION WHERE GROUP ORDER HAVING LIMIT")
_CALLABLE_KEYWORDS = frozenset({"INSERT", "REPLACE"})  # also the names of two harmless string functions


@dataclass(frozen=True)
class Token:
    """A piece of the statement: ``kind`` is ``word``, ``name`` (backticks), ``string`` or the character itself."""

    kind: str
    text: str
    start: int
    end: int
    depth: int

    @property
    def upper(self) -> str:
        """The word as keywords are compared: ASCII letters only, as the server does."""
        return self.text.translate(_ASCII_UPPER) if self.kind == "word" else ""

    @property
    def is_identifier(self) -> bool:
        """Whether a dot right after it makes the next word a mere name."""
        return self.kind == "name" or (self.kind == "word" and not self.text[0].isdigit())


_ASCII_UPPER = {ord(letter): letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}


@dataclass(frozen=True)
class Scan:
    """The tokens of a statement that passed; ``limited`` says whether its outermost level has LIMIT or FETCH."""

    tokens: tuple[Token, ...]
    limited: bool


def check(sql: str) -> Scan:
    """Refuses (:class:`FieldProblem`) a statement that is not plainly one reading statement; else its tokens."""
    if len(sql) > LONGEST:
        raise FieldProblem("too_long", limit=LONGEST)
    if _CONTROL.search(sql):
        raise FieldProblem("control_characters")
    tokens = _tokens(sql)
    _check_start(tokens)
    for index, token in enumerate(tokens):
        _check_word(tokens, index, token)
    sql_reach.check(tokens)
    limited = any(token.depth == 0 and token.upper in ("LIMIT", "FETCH") for token in tokens)
    return Scan(tokens, limited)


def _check_start(tokens: tuple[Token, ...]) -> None:
    first = next((token for token in tokens if token.kind != "("), None)
    if first is None or first.upper not in ("SELECT", "WITH"):
        raise FieldProblem("not_a_select")


def _check_word(tokens: tuple[Token, ...], index: int, token: Token) -> None:
    """The rules about words, each looking at one token and its neighbours."""
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.kind not in ("word", "name"):
        return
    qualified = sql_reach.is_column(tokens, index)
    if after is not None and after.kind == "(":
        name = sql_reach.content(token).translate(
            _ASCII_UPPER
        )  # a name in backticks calls the same function (measured)
        if name in FUNCTIONS and not qualified:
            raise FieldProblem("forbidden_function", word=name)
        if qualified or token.kind == "name":
            raise FieldProblem("qualified_call", word=token.text)
        if token.upper in _CALLABLE_KEYWORDS:
            return
    if after is not None and after.kind == "." and sql_reach.content(token).translate(_ASCII_UPPER) in SYSTEM_SCHEMAS:
        raise FieldProblem("system_schema", word=token.text)
    if token.kind == "name" or qualified:
        return
    if token.upper in RESERVED and not (token.upper == "SET" and before is not None and before.upper == "CHARACTER"):
        raise FieldProblem("forbidden_word", word=token.upper)
    if _hides_word(token, before):
        raise FieldProblem("forbidden_word", word=token.text)
    if after is not None and (token.upper, after.upper) in PAIRS:
        raise FieldProblem("forbidden_word", word=f"{token.upper} {after.upper}")


def _hides_word(token: Token, before: Token | None) -> bool:
    """``1.5INTO`` and ``1.e1FROM`` are a number and a keyword to the server (measured)."""
    if not (token.text[0].isdigit() or (before is not None and before.kind == ".")):
        return False
    return any(token.upper.endswith(word) for word in RESERVED | _CLAUSES)


def _tokens(sql: str) -> tuple[Token, ...]:
    found: list[Token] = []
    depth = position = 0
    while position < len(sql):
        character = sql[position]
        if character in " \t\r\n":
            position += 1
            continue
        end, kind = _next(sql, position)
        if kind == ")":
            depth -= 1
            if depth < 0:
                raise FieldProblem("parentheses")
        found.append(Token(kind, sql[position:end], position, end, depth))
        depth += kind == "("
        position = end
    if depth:
        raise FieldProblem("parentheses")
    return tuple(found)


def _next(sql: str, position: int) -> tuple[int, str]:
    """Where the token at ``position`` ends, and its kind."""
    character = sql[position]
    word = _WORD.match(sql, position)
    if word:
        return word.end(), "word"
    if character in "'\"`":
        return _end_of_quoted(sql, position), "name" if character == "`" else "string"
    pair = sql[position : position + 2]
    if character == "#" or pair in ("--", "/*", "*/"):
        raise FieldProblem("comment", sign="#" if character == "#" else pair)
    if character == ";":
        raise FieldProblem("second_statement")
    if character == "@":
        raise FieldProblem("variable")
    if character == "\\":  # `\N` is NULL to the server, and ends a word: `\NINTO OUTFILE` works there (measured)
        raise FieldProblem("backslash")
    return position + 1, character


def _end_of_quoted(sql: str, start: int) -> int:
    quote = sql[start]
    position = start + 1
    while position < len(sql):
        character = sql[position]
        if character == "\\" and quote != "`":
            position += 2
        elif character != quote:
            position += 1
        elif sql[position + 1 : position + 2] == quote:
            position += 2
        else:
            return position + 1
    raise FieldProblem("unfinished_quote", quote=quote)
