"""What is looked at of the routing table: the file, each name on both sides, each channel and its webhook."""

from __future__ import annotations

from collections.abc import Iterator

from omnidesk.context import Context
from omnidesk.wording.findings import Finding, finding, of_failure, ok


def look(context: Context) -> Iterator[Finding]:
    """Nothing without a table."""
    routes = context.routes.fresh()
    if context.routes.table.problem is not None:
        yield of_failure("routing", context.routes.table.problem)
    for one in routes.problems:
        level = "error" if one.fatal else "warning"
        yield finding(level, "routing", "routing_wrong", said=one.in_row)
    refused = context.state.refusal("group")
    if refused and routes.by_group:
        yield finding("warning", "routing", "group_refused", why=refused)
    kept = context.state.refusal("department")
    if kept and routes.by_group:
        yield finding("warning", "routing", "department_refused", why=kept)
    if routes.rows and not any(one.fatal for one in routes.problems):
        yield ok("routing", "routing", count=len(routes.rows))
