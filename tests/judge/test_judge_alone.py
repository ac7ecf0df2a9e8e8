"""The judge shares nothing with the module: neither code nor a helper that uses it."""

from __future__ import annotations

import ast
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_"))


def _imports(path: Path) -> set[str]:
    """The full names that a file imports, wherever in it: both modules and what is taken out of them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts[: -node.level]) if node.level else ""
            name = ".".join(part for part in (package, node.module or "") if part)
            found |= {name, *(f"{name}.{alias.name}" for alias in node.names)}
    return found


def _file(name: str) -> Path | None:
    path = REPOSITORY.joinpath(*name.split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


def reached(start: list[Path]) -> dict[Path, set[str]]:
    """Every file of this repository that is imported, at whatever remove, with what it imports."""
    found: dict[Path, set[str]] = {}
    left = list(start)
    while left:
        path = left.pop()
        if path not in found:
            found[path] = _imports(path)
            left += [file for name in found[path] if (file := _file(name)) is not None]
    return found


def test_it_imports_nothing_of_the_module() -> None:
    files = reached(MODULES)
    assert REPOSITORY / "sandbox" / "billmanager" / "panel.py" in files
    guilty = {str(path): names for path, all_names in files.items()
              if (names := {one for one in all_names if one.split(".")[0] == "omnidesk"})}  # fmt: skip
    assert not guilty


def test_such_an_import_would_be_found() -> None:
    """The plays do use it: the search that finds nothing above finds something here."""
    files = reached([REPOSITORY / "tests" / "stateful" / "resting.py"])
    assert any(name.split(".")[0] == "omnidesk" for names in files.values() for name in names)
