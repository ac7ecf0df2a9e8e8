"""Many webhooks at once, through the sandbox's web server and the installed CGI: none is lost, one worker works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.generator import Load, Reply, fire
from bench.stage import Stage
from sandbox.world import World

WEBHOOKS = 60


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A world with two linked tickets where only webhooks carry anything over."""
    with World(tmp_path_factory.mktemp("load"), webhooks=False, settings={"PollSeconds": "3600"}) as world:
        yield Stage(world, linked=2, api_seconds=0)


def send_webhooks(stage: Stage) -> list[Reply]:
    """All webhooks at once; half of them about linked cases, in which staff have just answered."""
    url = stage.world.panel_server.cgi_url("omnidesk_webhook", stage.world.secret)
    load = Load(url, stage.cases(WEBHOOKS))
    stage.begin()
    with stage.replies(load):
        return fire(load)


def statuses(replies: list[Reply]) -> set[tuple[int, str]]:
    return {(one.status, one.error) for one in replies}


def test_webhooks_at_once_are_all_answered_and_start_one_worker(stage: Stage) -> None:
    """Each leaves its trace, and the answers in Omnidesk arrive once although thirty webhooks came for each case."""
    stage.rest()
    replies = send_webhooks(stage)
    assert len(replies) == WEBHOOKS
    assert statuses(replies) == {(200, "")}
    work = stage.work(replies)
    assert work.lost == ()
    assert work.workers == 1
    assert work.calls < WEBHOOKS / 2, "webhooks about the same case are drawn together"


def test_webhooks_while_database_and_omnidesk_are_down_are_kept(stage: Stage) -> None:
    """The hook needs neither; when both are back everything is worked off."""
    stage.rest()
    stage.down()
    replies = send_webhooks(stage)
    assert statuses(replies) == {(200, "")}
    assert stage.not_in_spool(replies) == []
    assert stage.work_so_far().workers == 1
    stage.up()
    assert stage.work(replies).lost == ()


def test_webhooks_in_the_worker_s_first_moments_are_worked_on(stage: Stage) -> None:
    """A second storm meets the worker of the first, or its end; either way nothing waits for the timer."""
    stage.rest()
    first = send_webhooks(stage)
    stage.rest()
    second = send_webhooks(stage)
    assert statuses(first + second) == {(200, "")}
    assert stage.work(first + second).lost == ()


def test_the_judge_notices_a_lost_webhook(stage: Stage) -> None:
    """The tests above would pass with one that sees nothing."""
    replies = [Reply(1_234_567, 0.0, 200)]
    assert stage.lost(replies) == stage.not_in_spool(replies) == ["case 1234567"]


def test_the_generator_calls_only_this_host() -> None:
    with pytest.raises(ValueError, match="loopback"):
        fire(Load("http://192.0.2.1/mancgi/omnidesk_webhook?x", (1,)))
