"""The project's pages, cut into what the tests compare: headings, code blocks, inline code, links, tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)\n(?P<body>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(REPOSITORY).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """Without code blocks."""
        return FENCE.sub("", self.text)

    @property
    def headings(self) -> list[tuple[int, str]]:
        return [(len(signs), words) for signs, words in re.findall(r"^(#+) (.+)$", self.prose, re.MULTILINE)]

    @property
    def anchors(self) -> set[str]:
        """As GitHub makes them."""
        return {re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for _, words in self.headings}

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """(language, content) of the fenced blocks, without the indentation of a list around them."""
        return [
            (found["language"], re.sub(rf"^{found['indent']}", "", found["body"], flags=re.MULTILINE))
            for found in FENCE.finditer(self.text)
        ]

    @property
    def code(self) -> list[str]:
        """Inline code."""
        return [words.replace("\\|", "|") for words in re.findall(r"`([^`\n]+)`", self.prose)]

    @property
    def links(self) -> list[str]:
        return re.findall(r"\]\(([^)\s]+)\)", self.prose)

    def commands(self) -> Iterator[str]:
        """Every line that a reader may type: shell blocks and inline code."""
        for language, body in self.blocks:
            if language == "sh":
                yield from (part.strip() for line in body.splitlines() for part in line.split("&&"))
        yield from self.code

    def section(self, heading: str) -> str:
        """What stands below a heading, up to the next of its level or above."""
        level = next(level for level, words in self.headings if words == heading)
        after = self.text.split(f"{'#' * level} {heading}\n", 1)[1]
        return re.split(rf"^#{{1,{level}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows in a text, without heads and rules."""
    found: list[list[str]] = []
    for line in text.splitlines():
        if not line.lstrip().startswith("|"):
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            found.pop()  # the head above the rule
        else:
            found.append(cells)
    return found


def tidy(cell: str) -> str:
    """A cell without the code marks around it."""
    return cell.strip("`")


PAGES = [Page(path) for pattern in ("*.md", "docs/**/*.md", "var/*.md") for path in sorted(REPOSITORY.glob(pattern))]
README, README_RU = Page(REPOSITORY / "README.md"), Page(REPOSITORY / "README.ru.md")


def page(name: str) -> Page:
    """A page by its path in the repository."""
    return Page(REPOSITORY / name)


def pairs() -> list[tuple[Page, Page]]:
    """The pages that exist in both languages."""
    return [(page(one.name.replace(".ru.md", ".md")), one) for one in PAGES if one.name.endswith(".ru.md")]


def of_every_page(check: Callable[[Page], None]) -> Callable[[], None]:
    """A test that makes this check of each page and names those that fail it."""

    def test() -> None:
        wrong = []
        for one in PAGES:
            try:
                check(one)
            except AssertionError as problem:
                wrong.append(f"{one.name}: {problem}")
        assert not wrong, "\n".join(wrong)

    test.__doc__ = check.__doc__
    return test
