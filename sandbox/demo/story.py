"""The story: two users of a client, staff of two products, and everything that can travel between them."""

from __future__ import annotations

from sandbox.demo.sides import Conversation
from sandbox.demo.stage import Stage, Text
from sandbox.demo.steps import Steps

SCREENSHOT = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 24
LOG = b"2026-03-01 07:58:12 nginx: connect() failed (111: Connection refused)\n" * 12
MANUAL = b"%PDF-1.7\n% how to restart the web server\n" + b"0" * 4000
WAITING = ("waiting", "waiting")
FROM_PANEL, FROM_OMNIDESK = "right", "left"


class Story:
    """Nobody starts the module here: the panel's events and Omnidesk's webhooks do."""

    def __init__(self, stage: Stage, steps: Steps) -> None:
        self.world = stage.world
        self.panel = stage.world.panel
        self.desk = stage.world.omnidesk
        self.say = stage.say
        self.steps = steps
        self.ivan, self.olga = stage.world.ivan.users

    def play(self) -> None:
        """All chapters."""
        self._opening()
        self._staff()
        self._second_user()
        self._trouble()
        self._second_ticket()
        self._ending()

    def _opening(self) -> None:
        subject = self.say(Text("Не открывается сайт на VPS", "The site on my VPS does not open"))
        text = self.say(
            Text(
                "Здравствуйте!\n\nС утра сайт отвечает «502 Bad Gateway». Вчера вечером всё работало, ничего не менял. "
                "Посмотрите, пожалуйста.",
                "Hello,\n\nsince this morning the site answers “502 Bad Gateway”. It worked last night and I have "
                "changed nothing. Please have a look.",
            )
        )
        self.first = self.steps.new_ticket(
            Text("Новый запрос клиента", "A client opens a ticket"),
            lambda: self.panel.client_creates_ticket(
                self.ivan, subject, text, department=self.world.department, item=self.world.vps
            ),
        )
        more = self.say(
            Text("Прикладываю снимок экрана и журнал 🙂 Очень жду 🚀", "A screenshot and the log 🙂 Waiting 🚀")
        )
        picture = self.say(Text("снимок.png", "picture.png"))
        self.steps.step(
            self.first,
            Text("Клиент пишет ещё: файлы и эмодзи", "The client adds files and emoji"),
            FROM_PANEL,
            lambda: self.panel.client_writes(
                self.ivan, self.first.ticket, more, [(picture, SCREENSHOT), ("error.log", LOG)]
            ),
        )

    def _staff(self) -> None:
        case, world = self.first.case, self.world
        note = self.say(
            Text("Коллеги, похоже, упал PHP-FPM. Проверьте узел.", "Looks like PHP-FPM is down. Check the node.")
        )
        self.steps.step(
            self.first,
            Text("Заметка сотрудника в Омнидеске", "A note in Omnidesk"),
            FROM_OMNIDESK,
            lambda: self.desk.agent_note(case, world.anna_staff, html=f"<p>{note}</p>"),
        )
        found = self.say(Text("PHP-FPM упал по памяти, поднял с запасом.", "PHP-FPM ran out of memory, restarted it."))
        self.steps.step(
            self.first,
            Text("Заметка сотрудника в BILLmanager", "A note in BILLmanager"),
            FROM_PANEL,
            lambda: self.panel.employee_notes(world.boris, self.first.ticket, found),
        )
        reply = self.say(
            Text(
                "<p>Иван, добрый день!</p><p>Сервис перезапущен, сайт <b>снова работает</b>. Причины:</p>"
                "<ul><li>не хватило памяти;</li><li>не было ограничения числа процессов.</li></ul>"
                "<p>Проверьте, пожалуйста.</p>",
                "<p>Good morning, Ivan!</p><p>The service was restarted, the site <b>works again</b>. The reasons:</p>"
                "<ul><li>too little memory;</li><li>no limit on the number of processes.</li></ul>"
                "<p>Please check.</p>",
            )
        )
        self.steps.step(
            self.first,
            Text("Ответ в Омнидеске, обращение ждёт клиента", "A reply in Omnidesk, the case waits"),
            FROM_OMNIDESK,
            lambda: self.desk.agent_reply(case, world.anna_staff, html=reply, status="waiting"),
            WAITING,
        )
        self.answer = self.panel.newest_message(self.first.ticket, world.anna)
        thanks = self.say(Text("Открывается! А это не повторится?", "It opens! Will it happen again?"))
        self.steps.step(
            self.first,
            Text("Клиент отвечает и открывает запрос снова", "The client answers, which reopens it"),
            FROM_PANEL,
            lambda: self.panel.client_writes(self.ivan, self.first.ticket, thanks),
        )

    def _second_user(self) -> None:
        world, ticket = self.world, self.first.ticket
        looking = self.say(
            Text("Посмотрю настройки и вернусь к вам через час.", "I will look at the settings and be back in an hour.")
        )
        self.steps.step(
            self.first,
            Text("Отвечает сотрудник, которого нет в Омнидеске", "Staff unknown in Omnidesk answer"),
            FROM_PANEL,
            lambda: self.panel.employee_replies(world.boris, ticket, looking, close=False),
        )
        asks = self.say(
            Text("Я бухгалтер Ивана. Будет ли перерасчёт?", "I keep Ivan's books. Do we get anything back?")
        )
        self.steps.step(
            self.first,
            Text("В тот же запрос пишет второй пользователь клиента", "The client's second user joins in"),
            FROM_PANEL,
            lambda: self.panel.client_writes(self.olga, ticket, asks),
        )
        done = self.say(
            Text(
                "Ольга, да: один день добавлен к сроку услуги. Ограничения настроены, не повторится.",
                "Olga, yes: a day was added to the service. The limits are set, it will not happen again.",
            )
        )
        self.steps.step(
            self.first,
            Text("Ответ в BILLmanager с закрытием", "A reply in BILLmanager that ends the work"),
            FROM_PANEL,
            lambda: self.panel.employee_replies(world.boris, ticket, done, close=True),
            WAITING,
        )

    def _trouble(self) -> None:
        case, world = self.first.case, self.world
        manual = self.say(Text("Вот инструкция, как перезапускать самим.", "Here is how to restart it yourselves."))
        name = self.say(Text("инструкция.pdf", "manual.pdf"))
        self.steps.step(
            self.first,
            Text("Отвечает сотрудник, которого нет в BILLmanager", "Staff unknown in BILLmanager answer"),
            FROM_OMNIDESK,
            lambda: self.desk.agent_reply(
                case, world.vera_staff, text=manual, attachments=[(name, "application/pdf", MANUAL)]
            ),
            WAITING,
        )
        late = self.say(Text("И ещё: включили уведомления о памяти.", "Also, alerts about memory are on now."))

        def unheard() -> None:
            self.desk.webhooks.faults.lose_next = 1
            self.desk.agent_reply(case, world.anna_staff, text=late)

        # Omnidesk tells times in whole seconds: a poll does not see what follows another message within one.
        self.steps.stage.watch.next_second(self.desk.cases[case].updated_at)
        self.steps.step(
            self.first,
            Text("Вебхук потерялся, ответ находит опрос", "A webhook is lost, the poll finds the reply"),
            FROM_OMNIDESK,
            unheard,
            WAITING,
        )
        self.steps.step(
            self.first,
            Text("Сотрудник открывает обращение в Омнидеске", "Staff reopen the case in Omnidesk"),
            FROM_OMNIDESK,
            lambda: self.desk.set_status(case, "open", world.anna_staff),
        )
        self.steps.step(
            self.first,
            Text("Сотрудник закрывает обращение в Омнидеске", "Staff close the case in Omnidesk"),
            FROM_OMNIDESK,
            lambda: self.desk.set_status(case, "closed", world.anna_staff),
            ("waiting", "closed"),
        )

    def _second_ticket(self) -> None:
        subject = self.say(Text("Счёт за март", "The bill for March"))
        text = self.say(
            Text("Пришлите, пожалуйста, акт и счёт-фактуру за март.", "Please send the documents for March.")
        )
        self.second = self.steps.new_ticket(
            Text("Второй пользователь открывает свой запрос", "The second user opens a ticket of her own"),
            lambda: self.panel.client_creates_ticket(self.olga, subject, text, department=self.world.billing),
        )
        answer = self.say(Text("Отправили на вашу почту.", "Sent to your e-mail."))
        self.steps.step(
            self.second,
            Text("Ответ в BILLmanager от сотрудника обеих сторон", "A reply in BILLmanager, staff of both sides"),
            FROM_PANEL,
            lambda: self.panel.employee_replies(self.world.anna, self.second.ticket, answer, close=True),
            WAITING,
        )

    def _ending(self) -> None:
        ticket = self.first.ticket
        closed = ("waiting", "closed")
        self.steps.step(
            self.first,
            Text("Клиент оценивает ответ: хорошо", "The client rates a reply: good"),
            FROM_PANEL,
            lambda: self.panel.client_rates(self.answer, "good"),
            closed,
        )
        self.steps.step(
            self.second,
            Text("Другой клиент оценивает ответ: плохо", "Another client rates a reply: bad"),
            FROM_PANEL,
            lambda: self.panel.client_rates(self.panel.newest_message(self.second.ticket, self.world.anna), "bad"),
            WAITING,
        )
        again = self.say(Text("Всё работает, спасибо! 👍", "All is well, thank you! 👍"))
        self.steps.step(
            self.first,
            Text("Клиент пишет в закрытое обращение", "The client writes into the closed case"),
            FROM_PANEL,
            lambda: self.panel.client_writes(self.ivan, ticket, again),
        )
        self.steps.step(
            self.first,
            Text("Клиент убирает запрос в архив", "The client archives the ticket"),
            FROM_PANEL,
            lambda: self.panel.client_archives(ticket),
            ("closed", "closed"),
        )

    first: Conversation
    second: Conversation
    answer: int
