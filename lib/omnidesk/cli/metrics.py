"""The command ``metrics``: figures for a monitor."""

from __future__ import annotations

from omnidesk.context import Context
from omnidesk.core.errors import Failure, system_words
from omnidesk.health import metrics as figures
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments


def metrics(context: Context, given: Arguments) -> Answer:
    """Figures for a monitor. Without ``--output`` they are the answer; a file that cannot be written is a failure."""
    found = figures.collect(context)
    content, rows = figures.text(found), figures.as_data(found)
    if not given.output:
        answer = Answer(content.splitlines(), data={"metrics": rows})
        for one in rows:
            answer.element("metrics/metric", figures.number(one["value"]), **{**one["labels"], "name": one["name"]})
        return answer
    try:
        figures.write(given.output, content)
    except OSError as error:
        raise Failure("output", given.output, system_words(error)) from error
    written = given.screen.text("overview.metrics", count=len(found), file=given.output)
    return Answer([written], data={"metrics": rows})
