"""``make sandbox``: both simulated products and the installed module, running until Ctrl-C, to try things by hand."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from sandbox.demo.screen import Screen
from sandbox.demo.stage import Stage, name_people
from sandbox.furnish import add_groups
from sandbox.mariadb import NoServer
from sandbox.timer import Cron
from sandbox.world import INTEGRATION, World


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="make sandbox", description=__doc__)
    parser.add_argument("--lang", choices=("ru", "en"), default="ru", help="the language of the pages and of names")
    parser.add_argument("--empty", action="store_true", help="nothing is set up: do it in the browser, as README says")
    given = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with World(settings={"Language": given.lang}, configured=not given.empty) as world, Cron(world.root):
            add_groups(world, given.lang)
            screen = Screen(sys.stdout)
            screen.title("Both products run until Ctrl-C. What is written here is gone afterwards.")
            _tell_pages(world, given.lang, screen)
            if given.empty:
                name_people(world, given.lang)
                _tell_what_to_do(world, screen)
            else:
                Stage(world, given.lang)
                _tell_commands(world, screen)
            screen.line()
            screen.line("The module's timer runs every minute, as cron would run it.", "dim")
            ended.wait()
    except NoServer as problem:
        print(problem, file=sys.stderr)
        return 1
    print("\nStopped; nothing is left behind.")
    return 0


def _tell_pages(world: World, lang: str, screen: Screen) -> None:
    panel, desk = world.panel_server, world.omnidesk_server
    screen.line("Open both in a browser, each in a window of its own:", "bold")
    screen.pairs([("BILLmanager", f"{panel.pages_url}?lang={lang}"), ("Omnidesk", f"{desk.pages_url}?lang={lang}")])
    screen.line()


def _tell_what_to_do(world: World, screen: Screen) -> None:
    screen.line(
        'The module is installed, nothing else is done yet. Follow the README, "Installing on a panel":', "bold"
    )
    screen.line("in Omnidesk as the account's owner, in BILLmanager as root. Then write a ticket as a client.")
    run = world.root / "processing" / "pmomnidesk"
    _examples(screen, "What is missing or wrong is also said by", [f"{run} check_connection"])
    _examples(screen, "Everything that it can do", [f"{run} --help"])


def _tell_commands(world: World, screen: Screen) -> None:
    desk, panel = world.omnidesk, world.panel_server
    run, mgrctl = world.root / "processing" / "pmomnidesk", world.root / "sbin" / "mgrctl -m billmgr"
    login = f"{INTEGRATION}:{desk.api_key}"
    screen.line("Write a ticket as a client, answer as Anna; or by commands:", "bold")
    screen.pairs(
        [
            ("BILLmanager, API", panel.url),
            ("its webhook address", panel.cgi_url("omnidesk_webhook", world.secret)),
            ("its tree", str(world.root)),
            ("its database", f"mariadb -uroot -S {world.mariadb.socket} {world.panel.schema.database}"),
            ("Omnidesk, API", f"{desk.base_url}  (login {INTEGRATION}, key {desk.api_key})"),
        ]
    )
    _examples(
        screen, "The module", [f"{run} check_connection", f"{run} status", f"tail -f {world.root}/var/pmomnidesk.log"]
    )
    _examples(
        screen,
        "A client opens a ticket, then writes again; the case appears by itself",
        [
            f"{mgrctl} clientticket.edit su=ivan@example.com subject=Help message='My site is down' sok=ok",
            f"{mgrctl} clientticket.edit su=ivan@example.com elid=1 message='Still down' sok=ok",
        ],
    )
    _examples(
        screen,
        "What Omnidesk holds; Anna replies there, which calls the webhook",
        [
            f"curl -su {login} {desk.base_url}/api/cases.json",
            f"curl -su {login} {desk.base_url}/api/cases/900001/messages.json",
            f"curl -su {login} {desk.base_url}/api/cases/900001/messages.json -H 'Content-Type: application/json'"
            f' -d \'{{"message": {{"staff_id": {world.anna_staff}, "content": "It works again"}}}}\'',
        ],
    )
    _examples(screen, "The ticket then", [f"{run} sync_ticket 1 --dry-run", f"{mgrctl} -o devel ticket_all su=anna"])


def _examples(screen: Screen, what: str, commands: list[str]) -> None:
    screen.line()
    screen.line(what, "bold")
    for command in commands:
        screen.verbatim(command, 2)


if __name__ == "__main__":
    sys.exit(main())
