"""A pytest plugin: properties try fewer examples and do not shrink what fails, as each is tried for every mutant."""

from __future__ import annotations

import hypothesis
import pytest

MOST_EXAMPLES = 50
USED = "_hypothesis_internal_use_settings"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The settings of a property as its decorator left them, made cheaper."""
    for item in items:
        function = getattr(item, "obj", None)
        given = getattr(function, USED, None)
        if given is not None:
            fewer = hypothesis.settings(
                given,
                max_examples=min(given.max_examples, MOST_EXAMPLES),
                phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
                database=None,
            )
            setattr(function, USED, fewer)
