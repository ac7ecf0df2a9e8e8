"""What stands before the story and after it: the wiring checked, and both sides compared."""

from __future__ import annotations

import time

from sandbox.demo.screen import Screen
from sandbox.demo.sides import Conversation, differences
from sandbox.demo.stage import POLL_SECONDS, Stage, Text
from sandbox.demo.steps import POLLING, Steps


def introduce(stage: Stage, screen: Screen, seconds: float) -> None:
    """What runs, which fields are linked, and what ``check_connection`` says of it all."""
    world, say = stage.world, stage.say
    screen.title(
        say(Text("BILLmanager и Омнидеск: история одного запроса", "BILLmanager and Omnidesk: a ticket's story"))
    )
    took = f"{seconds:.1f}"
    screen.line(
        say(
            Text(
                f"За {took.replace('.', ',')} с запущены на время показа: MariaDB, имитации панели и Омнидеска; "
                "модуль установлен командой make install. Дальше всё делают его исполняемые файлы: события панели и "
                "вебхуки Омнидеска сами запускают и будят рабочий процесс.",
                f"Started in {took} s for this show: MariaDB, a simulated panel, a simulated Omnidesk; the "
                "module was put in place by make install. All that follows is done by its executables: the panel's "
                "events and Omnidesk's webhooks start and wake the worker by themselves.",
            )
        )
    )
    screen.line()
    screen.pairs(
        [
            ("BILLmanager", world.panel_server.url),
            (say(Text("Омнидеск", "Omnidesk")), world.omnidesk_server.url),
            (say(Text("Каталог панели", "The panel's tree")), str(world.root)),
        ]
    )
    _fields(stage, screen)
    _check(stage, screen)


def _fields(stage: Stage, screen: Screen) -> None:
    screen.line()
    screen.line(stage.say(Text("Кастомные поля", "Custom fields")), "bold")
    for one in stage.linked:
        level = {"case": Text("обращения", "case"), "user": Text("клиента", "client")}[one.field.level]
        kinds = {"text": "текст", "select": "список", "date": "дата", "checkbox": "флажок"}
        kind = stage.say(
            Text(f"{kinds[one.field.type]}, поле {stage.say(level)}", f"{one.field.type}, {level.en} field")
        )
        screen.line(f"{stage.value_names[one.value]} → «{one.field.title}» ({kind})", indent=2)


def _check(stage: Stage, screen: Screen) -> None:
    screen.line()
    screen.line("$ processing/pmomnidesk check_connection", "bold")
    locale = stage.say(Text("ru_RU.UTF-8", "en_GB.UTF-8"))
    done = stage.world.run("check_connection", env={"LC_ALL": locale, "COLUMNS": str(screen.width - 6)})
    for line in (done.stdout + done.stderr).decode().splitlines():
        style = "good" if line.startswith("✓") else "bad" if line.startswith("✗") else "dim"
        screen.line(line, style, indent=2 + len(line) - len(line.lstrip()))
    if done.returncode:
        raise SystemExit(1)


def compare(stage: Stage, steps: Steps, screen: Screen, started: float) -> int:
    """Judge by what both products hold at the end; the exit code."""
    world, say = stage.world, stage.say
    screen.title(say(Text("Сверка", "Comparison")))
    problems = [problem for one in steps.conversations for problem in _compare(stage, screen, one)]
    tickets, cases = world.panel.tickets(), sorted(world.omnidesk.cases)
    if tickets != [one.ticket for one in steps.conversations] or cases != [one.case for one in steps.conversations]:
        problems.append(f"tickets {tickets} and cases {cases} are not the story's")
    problems += _left_over(stage)
    for problem in problems:
        screen.line(f"✗ {problem}", "bad", hang=2)
    if not problems:
        screen.line("✓ " + say(Text("в очереди ничего не осталось", "nothing left in the spool")), "good")
        runs = len(world.panel.event_runs)
        words = Text(
            f"панель запускала обработчик событий, раз: {runs}; жалоб на него нет",
            f"the panel ran the event handler {runs} times and never complained",
        )
        screen.line("✓ " + say(words), "good")
    _figures(stage, steps, screen, started)
    return 1 if problems else 0


def _compare(stage: Stage, screen: Screen, conversation: Conversation) -> list[str]:
    left, right = stage.left(conversation), stage.right(conversation)
    number = stage.world.omnidesk.cases[conversation.case].case_number
    found = [f"{conversation.ticket} / {number}: {one}" for one in differences(left, right)]
    if not found:
        files = sum(len(one.files) for one in left.messages)
        ratings = sum(bool(one.rating) for one in left.messages)
        words = Text(
            f"запрос {conversation.ticket} и обращение {number} одинаковы: сообщений {len(left.messages)}, заметок "
            f"{len(left.notes)}, файлов {files}, оценок {ratings}, полей {len(left.fields)}, тема и статус",
            f"ticket {conversation.ticket} and case {number} are equal: {_count(len(left.messages), 'message')}, "
            f"{_count(len(left.notes), 'note')}, {_count(files, 'file')}, {_count(ratings, 'rating')}, "
            f"{_count(len(left.fields), 'field')}, subject and status",
        )
        screen.line("✓ " + stage.say(words), "good", hang=2)
    return found


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _left_over(stage: Stage) -> list[str]:
    world, watch = stage.world, stage.watch
    watch.settled()
    broken = world.root / "var" / "omnidesk" / "broken"
    found = [f"left in the spool: {name}" for name in watch.events()]
    found += [f"set aside as unreadable: {path.name}" for path in (broken.iterdir() if broken.is_dir() else ())]
    found += [f"still due: ticket {ticket}" for ticket in watch.due()]
    return found + [f"the panel complained: {one}" for one in world.panel.complaints]


def _figures(stage: Stage, steps: Steps, screen: Screen, started: float) -> None:
    desk = stage.world.omnidesk
    calls, polls = desk.calls_count(), desk.calls_count(POLLING)
    times = sorted(one.seconds for one in steps.took)
    seconds = time.monotonic() - started
    usual, longest = f"{times[len(times) // 2]:.2f}", f"{times[-1]:.2f}"
    ru = (
        f"Вызовов API Омнидеска: {calls}, из них опросов: {polls}. Половина переходов заняла не больше "
        f"{usual.replace('.', ',')} с, самый долгий {longest.replace('.', ',')} с (опрос раз в {POLL_SECONDS} с). "
        f"Всего {seconds:.0f} с."
    )
    en = (
        f"API calls to Omnidesk: {calls}, polls among them: {polls}. Half of the crossings took at most {usual} s, "
        f"the longest {longest} s (polling every {POLL_SECONDS} s). {seconds:.0f} s in all."
    )
    screen.line()
    screen.line(stage.say(Text(ru, en)), "bold")
