"""``make screenshots``: draws ``docs/images/*.png`` from the simulated products, in both languages.

What differs from run to run (ports, secrets, the time) is replaced on the page before its picture is taken, so that a
new picture means a new look.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from sandbox.chromium import NoBrowser, chromium
from sandbox.demo.stage import BILLING, SUPPORT
from sandbox.furnish import LABEL, furnish
from sandbox.mariadb import NoServer
from sandbox.world import World

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
USUAL, WIDE = 1120, 1280
STEADY = """([panel, desk]) => {
    const times = new Map();
    let days = 0;
    const time = /(\\d{4}-\\d\\d-\\d\\d|\\d\\d\\.\\d\\d\\.\\d{4}) \\d\\d:\\d\\d/g;
    const nodes = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) nodes.push(node);
    const found = nodes.flatMap((node) => node.nodeValue.match(time) || []).sort();
    for (const one of found) if (!times.has(one)) times.set(one, times.size);
    const steady = (text) => text
        .replaceAll(panel, "https://panel.example.com:1500").replaceAll(desk, "https://acme.omnidesk.ru")
        .replace(/(omnidesk_webhook\\?)[\\w.~-]+/g, "$1K7dGh2x0yWc4mVnQ9sTb1e")
        .replace(/\\b\\d+ (из|of) 750/, "732 $1 750")
        .replace(/^\\d\\d\\.\\d\\d$/, () => ["01.02", "02.03"][days++ % 2])
        .replace(time, (one) => {
            const clock = `10:${String(12 + 3 * times.get(one)).padStart(2, "0")}`;
            return one.includes(".") ? `02.03.2026 ${clock}` : `2026-03-02 ${clock}`;
        });
    const ages = (text) => text.replace(/\\b\\d+ (с|s)(?=[ .]|$)/g, "8 $1");
    for (const node of nodes) {
        const inChart = node.parentElement.closest("[role=presentation]");
        node.nodeValue = steady(inChart ? node.nodeValue : ages(node.nodeValue));
    }
    for (const box of document.querySelectorAll("input[type=text]")) box.value = steady(box.value);
    document.activeElement?.blur();
}"""


@dataclass(frozen=True)
class Picture:
    """A page to draw, in a window of that width; ``height`` cuts off what is below."""

    name: str
    address: str
    height: int
    width: int = USUAL


def pictures(world: World, lang: str) -> list[Picture]:
    """What is drawn of a fresh world, which is filled first."""
    has = furnish(world, lang)
    month(world)
    routes(world, lang)
    panel, desk = world.panel_server, world.omnidesk_server
    number = world.omnidesk.cases[has.case].case_number
    return [
        Picture("ticket", panel.page("ivan@example.com", "clientticket.edit", lang, elid=has.ticket), 760),
        Picture("case", desk.page(f"cases/record/{number}", "anna@example.com", lang), 860),
        Picture("fields", panel.page("root", "omnidesk.fields", lang), 640, WIDE),
        Picture("routing", panel.page("root", "omnidesk.routing", lang), 640, WIDE),
        Picture("queue", panel.page("root", "omnidesk.queue", lang), 590, WIDE),
        Picture("health", panel.page("root", "omnidesk.health", lang), 1400),
    ]


def routes(world: World, lang: str) -> None:
    """A routing table of three rows, one of which names a group that is not there."""
    technical, money, label = (str(getattr(one, lang)) for one in (SUPPORT, BILLING, LABEL))
    brand = world.omnidesk.add_channel("Brand B", world.panel_server.cgi_url("omnidesk_webhook", world.secret))
    rows = [
        {"department": world.billing, "group": money, "priority": "high", "labels": [label]},
        {"project": "Provider", "department": world.department, "group": technical, "channel": brand.key},
        {"project": "Provider", "group": "VIP", "comment": "24/7"},
    ]
    (world.root / "etc" / "omnidesk" / "routing.json").write_text(json.dumps(rows), encoding="utf-8")


def month(world: World) -> None:
    """Messages of the days before, with one on which they were late."""
    for ago in range(1, 30):
        weekend = ago % 7 in (1, 2)
        for way, most in (("out", 90), ("in", 70)):
            count = (most // 5 if weekend else most) + 7 * ago % 23
            for within, share in ((120, 5), (1800, 5)) if ago == 12 else ((2, 6), (5, 3), (12, 1)):
                world.panel.execute(
                    "INSERT INTO omnidesk_daily (day, direction, within_seconds, messages)"
                    " VALUES (CURDATE() - INTERVAL %s DAY, %s, %s, %s)", ago, way, within, count * share // 10,
                )  # fmt: skip


def settings_form(world: World, lang: str) -> Picture:
    """The form of a module that is not set up yet, beside an account that is."""
    world.omnidesk.add_channel("BILLmanager")
    return Picture("settings", world.panel_server.page("root", "omnidesk.settings", lang), 1000)


def fill_in(page: Page, world: World) -> None:
    """What an administrator types first."""
    page.locator("#field-url").fill(world.omnidesk_server.url)
    page.locator("#field-email").fill(world.omnidesk.integration.email)
    page.locator("#field-api_key").fill(world.omnidesk.api_key)
    page.locator("#field-channel").select_option(value="cch101")
    page.locator("[data-form]:not([aria-busy])").wait_for()
    page.evaluate("for (const box of document.querySelectorAll('#field-email')) box.value = 'integration@example.com'")


def take(page: Page, picture: Picture, world: World, lang: str, folder: Path) -> Path:
    """Make the page steady and save its upper part."""
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.evaluate(STEADY, [world.panel_server.base, world.omnidesk_server.url])
    path = folder / f"{picture.name}.{lang}.png"
    page.screenshot(path=path, animations="disabled")
    return path


def draw(browser: Browser, lang: str, folder: Path) -> list[Path]:
    """All pictures of a language."""
    context = browser.new_context(color_scheme="light")
    page, drawn = context.new_page(), []
    with World(settings={"Language": lang}) as world:
        for picture in pictures(world, lang):
            page.goto(picture.address)
            drawn.append(take(page, picture, world, lang, folder))
    with World(configured=False) as world:
        picture = settings_form(world, lang)
        page.goto(picture.address)
        fill_in(page, world)
        drawn.append(take(page, picture, world, lang, folder))
    context.close()
    return drawn


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw them all; 1 without a browser or a database server."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    try:
        with chromium() as browser:
            for lang in ("ru", "en"):
                for path in draw(browser, lang, given.folder):
                    print(f"{path.name}  {path.stat().st_size // 1024} KB")
    except (NoBrowser, NoServer) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
