"""Text whose columns and indents mean something: diffs, tables drawn with dashes, YAML, indented code.

Both directions show it in a fixed-width block, because lines that are joined or closed up lose their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_DIFF = re.compile(r"@@ |diff --git |Index: \S")
_RULE = re.compile(r"\s*(?:\+[-+=]{2,}|[-=]{3,}(?:\s+[-=]{3,})+)\s*$|.*[─-╿]{2}|\s*[│║].*[│║]\s*$")
_KEY = re.compile(r"\s*(?:- )?[A-Za-z0-9_.\"'/-]{1,60}:(?: \S|\s*$)|\s*- \S|\s*#")
_NESTED_KEY = re.compile(r"\s{2,}(?:- )?[A-Za-z0-9_.\"'/-]{1,60}:(?: |$)")
_COLUMNS = re.compile(r"\S(?: {3,}|\t+)\S")
_INDENT = re.compile(r"\t| {2,}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CODE_SIGNS = re.compile(r"[{}=;<>|$\\]|::|->|--\w")
_TECHNICAL = re.compile(
    r"^\s*[$#%>]\s\S"  # a prompt
    r"|\d\d:\d\d:\d\d|^\[?\d{4}-\d\d-\d\d"  # a log
    r"|\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|JOIN|WHERE|VALUES)\b"
    r"|(?:^|\s)--?[a-z][\w-]*"  # an option
    r"|[{};]\s*$|[A-Za-z]:\\|(?:^|[\s\"'(=])~?/[\w.*-]+|=>|->|==|:=|\w\(\)|(?:^|\s)[*]\.\w|\*/"
)
_SQL = re.compile(
    r"\b(?:select|insert|update|delete|create|alter|drop|join|where|values|from|set|into|table)\b", re.IGNORECASE
)
_CODE_LINE = re.compile(
    r"[(){}=<>|$\\;\"]|^(?:if|for|while|else|elif|try|except|finally|with|class|def|switch|case|do)\b|^[a-z_.-]+:$"
)
_LONGEST = 2000  # characters of a line that are looked at


def is_prose(line: str) -> bool:
    """Whether a line is a sentence rather than code."""
    line = line[:_LONGEST]
    return len(_WORD.findall(line)) >= 4 and not _CODE_SIGNS.search(line)


def is_technical(line: str) -> bool:
    """Whether a line looks like a command, a log, a path or code, where an asterisk is hardly emphasis."""
    return bool(_TECHNICAL.search(line[:_LONGEST]))


def is_sql(line: str) -> bool:
    """Whether the backticks of a line are likely an SQL statement's own."""
    return len(_SQL.findall(line[:_LONGEST])) >= 2


def is_introduction(line: str) -> bool:
    """Whether a line only says what follows ("The configuration:"), rather than being code that ends in a colon."""
    line = line.rstrip()
    return line.endswith(":") and line[:1] not in " \t-+" and not _CODE_LINE.search(line[:_LONGEST])


def is_drawn(lines: Sequence[str]) -> bool:
    """Whether the lines are a diff, a drawn table or YAML, which have no other meaning."""
    if any(_DIFF.match(line) for line in lines):
        return True
    added, taken = sum(line[:1] == "+" for line in lines), sum(line[:1] == "-" for line in lines)
    if added and taken and 2 * (added + taken) >= len(lines):
        return True
    if sum(1 for line in lines if _RULE.match(line[:_LONGEST])) >= (1 if len(lines) > 1 else 2):
        return True
    return (
        len(lines) > 1
        and all(_KEY.match(line) for line in lines)
        and any(_NESTED_KEY.match(line) for line in lines)
        and not any(is_prose(line) for line in lines)
    )


def is_aligned(lines: Sequence[str]) -> bool:
    """Whether indents or columns carry meaning."""
    if any(_INDENT.match(line) and not is_prose(line) for line in lines):
        return True
    return sum(1 for line in lines if _COLUMNS.search(line[:_LONGEST])) >= 2


def is_code(lines: Sequence[str]) -> bool:
    """Whether a line of them looks like code or a command."""
    return any(is_technical(line) or _CODE_SIGNS.search(line[:_LONGEST]) for line in lines)
