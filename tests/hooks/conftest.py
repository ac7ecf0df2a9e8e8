from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from omnidesk.core.paths import Paths
from tests.hooks.hook_tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    made = Tree(tmp_path / "mgr5")
    yield made
    made.close()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / "var").mkdir()
    return Paths(str(tmp_path))
