"""The original below a reply as mail programs insert it, and what only looks like one."""

# ruff: noqa: E501  the samples are as the programs write them

from __future__ import annotations

import pytest

from omnidesk.content.incoming import Policy, from_html, message

POLICY = Policy(host="acme.omnidesk.ru")
REPLY = "Спасибо, всё работает."
OLD = "Перезапустили сервер, проверьте."
MAIL = '&lt;<a href="mailto:help@example.com">help@example.com</a>&gt;'
GMAIL = '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex">'
OUTLOOK = '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'

ORIGINALS = {
    "gmail ru": f'<div dir="ltr">{REPLY}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
    f'class="gmail_attr">пн, 2 мар. 2026 г. в 11:20, Support {MAIL}:<br></div>{GMAIL}<div>{OLD}</div></blockquote></div>',
    "gmail en": f'<div dir="ltr">{REPLY}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, Mar '
    f"2, 2026 at 11:20 AM Support {MAIL} wrote:<br></div>{GMAIL}<p>{OLD}</p></blockquote></div>",
    "gmail without its classes": f"<div>{REPLY}</div><div><div>On Mon, Mar 2, 2026 at 11:20 AM Support {MAIL} wrote:"
    f"</div><blockquote>{OLD}</blockquote></div>",
    "gmail, several lines": f"<div>{REPLY}</div><div>On Mon, Mar 2, 2026 at 11:20 AM Support<br>{MAIL} wrote:<br></div>"
    f"{GMAIL}{OLD}</blockquote>",
    "gmail, old": f'{REPLY}<div class="gmail_extra"><br><div class="gmail_quote">2 марта 2026 г., 11:20 пользователь '
    f"Support <span>{MAIL}</span> написал:<br>{GMAIL}{OLD}</blockquote></div></div>",
    "apple ru": f'{REPLY}<div><br><blockquote type="cite"><div>2 марта 2026 г., в 11:20, Support {MAIL} написал(а):</div>'
    f'<br class="Apple-interchange-newline"><div>{OLD}</div></blockquote></div>',
    "apple en": f'<div>{REPLY}<br><div><br><blockquote type="cite"><div>On 2 Mar 2026, at 11:20, Support {MAIL} wrote:'
    f'</div><br class="Apple-interchange-newline"><div><p>{OLD}</p></div></blockquote></div></div>',
    "iphone ru": f'<div dir="auto">{REPLY}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr"><br><blockquote '
    f'type="cite">2 марта 2026 г., в 11:20, Support {MAIL} написал(а):<br><br></blockquote></div><blockquote type="cite">'
    f'<div dir="ltr">{OLD}</div></blockquote></div>',
    "iphone en": f'<div dir="auto">{REPLY}<div dir="ltr"><br><blockquote type="cite">On Mar 2, 2026, at 11:20 AM, Support '
    f'{MAIL} wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">{OLD}</div></blockquote></div>',
    "yandex ru": f'<div>{REPLY}</div><div> </div><div>02.03.2026, 11:20, "Support" {MAIL}:</div><blockquote><p>{OLD}</p>'
    "</blockquote>",
    "yandex en": f'<div>{REPLY}</div><div>02.03.2026, 11:20, "Support" {MAIL}:</div><blockquote>{OLD}</blockquote><div> '
    "</div>",
    "yandex, old": f'<div>{REPLY}</div><div>02.03.2026, 11:20, "Support" {MAIL} написал(а):</div><blockquote>{OLD}'
    "</blockquote>",
    "outlook ru": f'<div class="WordSection1"><p class="MsoNormal">{REPLY}</p><div>{OUTLOOK}<b>От:</b> Support '
    "&lt;help@example.com&gt; <br><b>Отправлено:</b> 2 марта 2026 г. 11:20<br><b>Кому:</b> anna@example.com<br><b>Тема:"
    f'</b> Re: сайт</p></div></div><p class="MsoNormal">{OLD}</p></div>',
    "outlook en": f'<div class="WordSection1"><p class="MsoNormal">{REPLY}</p><div>{OUTLOOK}<b>From:</b> Support '
    "&lt;help@example.com&gt; <br><b>Sent:</b> Monday, March 2, 2026 11:20 AM<br><b>To:</b> anna@example.com<br><b>"
    f'Subject:</b> Re: site</p></div></div><p class="MsoNormal">{OLD}</p></div>',
    "outlook on the web": f'<div>{REPLY}</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%">'
    '<div id="divRplyFwdMsg" dir="ltr"><font><b>From:</b> Support &lt;help@example.com&gt;<br><b>Sent:</b> Monday, March 2, '
    f"2026 11:20 AM<br><b>To:</b> Anna &lt;anna@example.com&gt;<br><b>Subject:</b> Re: site</font></div><div>{OLD}</div>",
    "outlook, plain names": f'<div>{REPLY}</div><hr><div id="divRplyFwdMsg">От: Support &lt;help@example.com&gt;<br>'
    f"Отправлено: 2 марта 2026 г. 11:20<br>Кому: anna@example.com<br>Тема: Re: сайт</div><div>{OLD}</div>",
    "outlook express": f"<div>{REPLY}</div><div>----- Original Message -----</div><div><b>From:</b> Support</div><div>"
    f"<b>To:</b> anna@example.com</div><div><b>Sent:</b> Monday, March 2, 2026 11:20 AM</div><div>{OLD}</div>",
    "original message ru": f"<p>{REPLY}</p><p>-----Исходное сообщение-----<br>От: Support<br>Отправлено: 2 марта 2026 г. "
    f"11:20<br>Кому: anna@example.com<br>Тема: сайт<br><br>{OLD}</p>",
    "thunderbird": f'<p>{REPLY}</p><div class="moz-cite-prefix">02.03.2026 11:20, Support пишет:<br></div><blockquote '
    f'type="cite" cite="mid:1@example.com"><p>{OLD}</p></blockquote>',
    "mail.ru": f"<div>{REPLY}</div><blockquote style='border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px;'>"
    f"Понедельник, 2 марта 2026, 11:20 +03:00 от Support {MAIL}:<br><div>{OLD}</div></blockquote>",
    "yahoo": f'<div>{REPLY}</div><div class="yahoo_quoted"><div>On Monday, March 2, 2026, Support {MAIL} wrote:</div>'
    f"<div>{OLD}</div></div>",
    "omnidesk": f'<p>{REPLY}</p><div class="omni_orig_reply"><p>{OLD}</p></div>',
    "below the quotation": f"<div>02.03.2026, 11:20, Support {MAIL}:</div><blockquote>{OLD}</blockquote><div>{REPLY}</div>",
}  # fmt: skip


@pytest.mark.parametrize("name", ORIGINALS)
def test_the_original_is_left_out(name: str) -> None:
    assert from_html(ORIGINALS[name], POLICY) == REPLY


@pytest.mark.parametrize("name", ORIGINALS)
def test_it_stays_where_the_setting_is_off(name: str) -> None:
    found = from_html(ORIGINALS[name], Policy(host="acme.omnidesk.ru", cut_quotes=False))
    assert REPLY in found and OLD in found


LOOKALIKES = {
    "the author's own quotation": f"<p>Вы спрашивали:</p><blockquote>{OLD}</blockquote><p>{REPLY}</p>",
    "gmail's button for quotations": f"<div>Из документации:</div>{GMAIL}{OLD}</blockquote>",
    "somebody wrote": f"<p>Разработчик написал(а):</p><blockquote>{OLD}</blockquote>",
    "wrote at a time": f"<p>2 марта 2026 в 11:20 клиент написал:</p><blockquote>{OLD}</blockquote>",
    "no quotation follows": f"<p>On 2 Mar 2026, at 11:20, Support {MAIL} wrote:</p><p>{OLD}</p>",
    "headers of a mail to be explained": f"<p>В заголовках письма:<br>From: a@example.com<br>Sent: Monday<br>To: b@example.com"
    f"<br>Subject: x</p><p>{OLD}</p>",
    "bold words": f"<p><b>От:</b> сервера приходит ответ 502</p><p>{OLD}</p>",
    "dashes": f"<p>----- Итого -----<br>{OLD}</p>",
    "the words alone": f"<p>Нажмите «Original Message» в меню.<br>----- Original Message -----<br>{OLD}</p>",
    "forwarded": f'<p>Смотрите ниже</p><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message '
    f"---------<br>От: <b>Support</b> {MAIL}<br>Date: пн, 2 мар. 2026 г. в 11:20<br></div>{OLD}</div>",
    "answers between the parts": f"<div>On 2 Mar 2026, at 11:20, Support {MAIL} wrote:</div><blockquote>Логин?</blockquote>"
    f"<div>{REPLY}</div><blockquote>{OLD}</blockquote><div>Да.</div>",
    "only the original": f"<div>02.03.2026, 11:20, Support {MAIL}:</div><blockquote>{OLD}</blockquote>",
    "below a line": f"<p>Итоги.</p><hr><p>От: и до: не путать</p><p>{OLD}</p>",
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKALIKES)
def test_what_only_looks_like_an_original_stays(name: str) -> None:
    assert from_html(LOOKALIKES[name], POLICY) == from_html(
        LOOKALIKES[name], Policy(host="acme.omnidesk.ru", cut_quotes=False)
    )
    assert OLD in from_html(LOOKALIKES[name], POLICY)


@pytest.mark.parametrize(
    "plain",
    [
        f"{REPLY}\n\nOn 2 Mar 2026, at 11:20, Support <help@example.com> wrote:\n> {OLD}\n>\n>> ещё раньше",
        f"{REPLY}\n\nпн, 2 мар. 2026 г. в 11:20, Support <help@example.com>:\n\n> {OLD}\n> всё",
        f"{REPLY}\n\n-----Original Message-----\nFrom: Support\nSent: Monday, March 2, 2026\nTo: a@b.ru\n\n{OLD}",
    ],
)
def test_plain_text_is_cut_in_the_same_way(plain: str) -> None:
    assert message(plain, "", POLICY) == REPLY
    assert OLD in message(plain, "", Policy(cut_quotes=False))


# Signatures

SIGNED = Policy(cut_signature=True, signature="С уважением,\nАнна Ким, example.com")


@pytest.mark.parametrize(
    ("markup", "left"),
    [
        (
            '<p>Готово.</p><p>С уважением,<br><b>Анна Ким</b>, <a href="https://example.com">example.com</a></p>',
            "Готово.",
        ),
        ("<div>Готово.</div><div>С уважением,</div><div>Анна Ким, example.com</div>", "Готово."),
        ("<p>Готово.</p><hr><p>С уважением,</p><p>Анна Ким, example.com</p>", "Готово."),
        ("<p>Готово.</p><p>-- <br>Пётр</p><p>example.com</p>", "Готово."),
        ("<p>Готово.<br>--<br>Пётр</p>", "Готово."),
        ("<p>С уважением,<br>Анна Ким, example.com</p>", "С уважением,\nАнна Ким, example.com"),
        ("<p>-- <br>Пётр</p>", "\\--\nПётр"),
        ("<p>Готово.</p><p>С уважением,<br>Анна</p>", "Готово.\n\nС уважением,\nАнна"),
        ("<p>А --<br>Б</p>", "А --\nБ"),
    ],
)
def test_a_signature_is_left_out_by_setting(markup: str, left: str) -> None:
    assert from_html(markup, SIGNED).replace("example.com](https://example.com)", "example.com") == left
    assert from_html(markup, Policy()).count("\n") >= left.count("\n")


def test_only_a_few_lines_are_a_signature() -> None:
    long = "<p>Готово.</p><p>--</p>" + "<p>слово</p>" * 30
    assert from_html(long, SIGNED) == from_html(long, Policy())
