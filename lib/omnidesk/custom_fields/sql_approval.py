"""The thorough check of a statement, made once for each text: is it one SELECT made of harmless parts only?

It parses the statement (sqlglot, imported only when needed: 0.2 s) and lets through what is known to be harmless,
instead of refusing what is known to be dangerous: kinds of expressions and names of functions are listed. What passed
is remembered by its digest, so that a worker that finds the digest known does not import the parser at all.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Protocol

from omnidesk.custom_fields import sql_allowed, sql_secrets
from omnidesk.custom_fields.problems import FieldProblem

if TYPE_CHECKING:
    from sqlglot import exp

VERSION = "2"
"""Part of each digest; raised when the rules become stricter, so that old approvals lapse (2: secrets)."""


class ApprovalStore(Protocol):
    """Where approvals are remembered between processes."""

    def has(self, digest: str) -> bool:
        """Whether a statement of this digest was approved by this version of the rules."""

    def add(self, digest: str) -> None:
        """Remembers an approval."""


class MemoryApprovals:
    """Approvals of this process only."""

    def __init__(self) -> None:
        self._digests: set[str] = set()

    def has(self, digest: str) -> bool:
        """See :class:`ApprovalStore`."""
        return digest in self._digests

    def add(self, digest: str) -> None:
        """See :class:`ApprovalStore`."""
        self._digests.add(digest)


def digest(sql: str) -> str:
    """What an approval is remembered by: it changes with any character of the statement and with the rules."""
    return hashlib.sha256(f"{VERSION}\n{sql}".encode("utf-8", "surrogatepass")).hexdigest()


def ensure(sql: str, approvals: ApprovalStore) -> None:
    """Approves ``sql`` unless that was done before; raises :class:`FieldProblem` with the reason when it is refused.

    ``sql`` is the text of the catalogue; the macro in it is checked as the number it will be.
    """
    mark = digest(sql)
    if not approvals.has(mark):
        check(sql.replace("__id__", "1"))
        approvals.add(mark)


def check(sql: str) -> None:
    """Refuses (:class:`FieldProblem`) every statement that is not one SELECT made of listed parts."""
    tokens = _tokens(sql)
    root = _parse(sql)
    _check_calls(tokens)
    for node in root.walk():
        _check_node(node)


def _parser() -> Any:
    try:
        import sqlglot.dialects.mysql
    except ImportError as error:
        raise FieldProblem("no_parser", reason=error) from error
    return sqlglot


def _parse(sql: str) -> exp.Expr:
    sqlglot = _parser()
    try:
        trees = sqlglot.parse(sql, dialect="mysql")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise FieldProblem("not_parsed", reason=_plain(error)) from error
    if len(trees) > 1:
        raise FieldProblem("second_statement")
    root: exp.Expr | None = trees[0] if trees else None
    if root is None:
        raise FieldProblem("not_a_select")
    inner = root
    while type(inner).__name__ == "Subquery":
        inner = inner.this
    if type(inner).__name__ not in ("Select", "Union", "Intersect", "Except"):
        raise FieldProblem("not_a_select")
    return root


def _plain(error: Exception) -> str:
    """The parser's words without the terminal's underlining."""
    details = getattr(error, "errors", None)
    if details:
        first = details[0]
        return (
            f"{first.get('description')}, line {first.get('line')} column {first.get('col')}: {first.get('highlight')}"
        )
    return str(error) or type(error).__name__


def _tokens(sql: str) -> list[Any]:
    """The parser's tokens. Refuses comments here: the parser drops them, but the server executes some."""
    sqlglot = _parser()
    try:
        tokens: list[Any] = sqlglot.tokenize(sql, dialect="mysql")
    except sqlglot.errors.SqlglotError as error:
        raise FieldProblem("not_parsed", reason=_plain(error)) from error
    for token in tokens:
        if token.comments:
            raise FieldProblem("comment", sign=token.comments[0])
        if token.token_type.name == "SEMICOLON":
            raise FieldProblem("second_statement")
    return tokens


def _check_calls(tokens: list[Any]) -> None:
    """Every name right before a parenthesis must be a listed function or keyword, unquoted and unqualified."""
    for token in tokens:  # `1.e1FROM` is a number and a keyword to the server (measured), one word to the parser
        if token.token_type.name == "VAR" and token.text[:1].isdigit() and "." in token.text:
            raise FieldProblem("forbidden_word", word=token.text)
    for owner, name, opening in zip([None, *tokens], tokens, tokens[1:], strict=False):
        if opening.token_type.name != "L_PAREN":
            continue
        kind = name.token_type.name
        if kind == "IDENTIFIER" or (owner is not None and owner.token_type.name == "DOT"):
            raise FieldProblem("qualified_call", word=name.text)
        is_word = name.text[:1].isalpha() or name.text[:1] == "_"
        known = name.text.isascii() and name.text.upper() in sql_allowed.BEFORE_PARENTHESIS
        if is_word and not kind.endswith("STRING") and not known:
            raise FieldProblem("unknown_function", word=name.text)


def _check_node(node: exp.Expr) -> None:
    kind = type(node).__name__
    if kind not in sql_allowed.EXPRESSIONS:
        raise FieldProblem("forbidden_part", word=sql_allowed.SPOKEN.get(kind, kind))
    if kind == "Anonymous" and node.name.upper() not in sql_allowed.FUNCTIONS:
        raise FieldProblem("unknown_function", word=node.name)
    if kind in ("Table", "Column"):
        _check_schema(node)
    if kind == "Table":
        _refuse_secret("secret_table", node.name, sql_secrets.in_table(node.name))
    if kind == "Identifier":
        _refuse_secret("secret_column", node.name, sql_secrets.in_column(node.name))
    if kind in ("Literal", "JSONPathKey", "National", "HexString"):
        _check_constant(node)
    if kind == "Star" and not _reads_nothing(node):
        raise FieldProblem("all_columns")
    if kind == "Select" and (node.args.get("into") or node.args.get("locks")):
        raise FieldProblem("forbidden_word", word="INTO" if node.args.get("into") else "FOR UPDATE")


def _refuse_secret(code: str, name: str, part: str) -> None:
    if part:
        raise FieldProblem(code, word=name, part=part)


def _check_schema(node: exp.Expr) -> None:
    """No other database than the panel's own before a table or its column."""
    database = node.text("db")
    if database.upper() in sql_allowed.SYSTEM_SCHEMAS:
        raise FieldProblem("system_schema", word=database)
    if node.text("catalog") or (database and database.upper() != sql_secrets.OWN_SCHEMA):
        raise FieldProblem("other_schema", word=f"{database}.{node.text('this')}")


def _check_constant(node: exp.Expr) -> None:
    """A constant that a column is compared with, or a path into JSON, may not name a secret."""
    kind, text = type(node).__name__, node.name
    if kind == "JSONPathKey":
        _refuse_secret("secret_column", text, sql_secrets.in_column(text))
    elif kind == "HexString":
        _refuse_secret("secret_column", text, sql_secrets.in_hexadecimal(f"0x{text}"))
    elif text.startswith("$") or _is_compared(node):
        _refuse_secret("secret_column", text, sql_secrets.in_constant(text))


def _is_compared(node: exp.Expr) -> bool:
    child, parent = node, node.parent
    while type(parent).__name__ in sql_allowed.WRAPPERS and parent is not None:
        child, parent = parent, parent.parent
    kind = type(parent).__name__
    if kind in ("If", "Case"):  # of CASE x WHEN 'y', too
        return child.arg_key == "this"
    called = kind == "Anonymous" and parent is not None and parent.name.upper() in sql_allowed.COMPARING_FUNCTIONS
    return called or kind in sql_allowed.COMPARISONS


def _reads_nothing(star: exp.Expr) -> bool:
    """Whether it is the star of COUNT(*) or of EXISTS (SELECT * …)."""
    parent = star.parent
    if type(parent).__name__ == "Select" and parent is not None:
        return type(parent.parent).__name__ == "Exists" and len(parent.expressions) == 1
    return type(parent).__name__ == "Count"
