"""Pairing two conversations: every message once, orders kept, and what is left told apart."""

from __future__ import annotations

import difflib
from dataclasses import replace
from itertools import islice, pairwise, permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omnidesk.core.text import digest, normal
from omnidesk.migration import adopt_pairing
from omnidesk.migration.adopt_pairing import CLEARLY, Pairing, Said, like, pair, rest

ROLES = ("client", "staff", "note")
TEXTS = (
    "да", "нет", "спасибо", "", "Сервер не отвечает со вчерашнего вечера, посмотрите, пожалуйста.",
    "Сервер не отвечает со вчерашнего вечера — посмотрите пожалуйста!", "Проверили, всё работает, закрываем запрос.",
    "Проверили, всё работает, закрываем запрос 7.",
)  # fmt: skip


def said(id: int, role: str, text: str, at: float = 0.0, system: bool = False) -> Said:
    return Said(id, role, at or id * 60.0, frozenset({digest(text)}), normal(text), system)


def conversation(rows: list[tuple[str, int]], first: int) -> list[Said]:
    return [said(first + number, role, TEXTS[text]) for number, (role, text) in enumerate(rows)]


conversations = st.lists(st.tuples(st.sampled_from(ROLES), st.integers(0, len(TEXTS) - 1)), max_size=25)
some_pairs = st.lists(st.tuples(st.integers(-2, 30), st.integers(98, 130)), max_size=6)


@given(conversations, conversations, some_pairs)
@example([("client", 4), ("client", 0)], [("client", 0), ("client", 4)], [])
def test_every_message_once_and_each_row_in_its_order(
    here: list[tuple[str, int]], there: list[tuple[str, int]], known: list[tuple[int, int]]
) -> None:
    left, right = conversation(here, 1), conversation(there, 100)
    found = pair(left, right, known)
    ids, others = [one for one, _ in found.pairs], [other for _, other in found.pairs]
    assert len(set(ids)) == len(ids) and len(set(others)) == len(others)
    roles = {one.id: one.role for one in (*left, *right)}
    assert set(ids) <= {one.id for one in left} and set(others) <= {one.id for one in right}
    assert all((roles[one] == "note") == (roles[other] == "note") for one, other in found.pairs)
    for kind in (found.same, found.alike):
        for role in ROLES:
            for role_there in ROLES:
                row = [(one, other) for one, other in kind if (roles[one], roles[other]) == (role, role_there)]
                assert all(a < b and c < d for (a, c), (b, d) in pairwise(row))
    for side, paired in ((left, ids), (right, others)):
        parts = rest(side, 0.0, paired)
        assert sorted([*parts.past, *parts.doubtful, *parts.fresh, *paired]) == [one.id for one in side]


@given(conversations)
def test_a_conversation_is_paired_with_its_copy(rows: list[tuple[str, int]]) -> None:
    here, there = conversation(rows, 1), conversation(rows, 100)
    assert pair(here, there).pairs == [(one.id, one.id + 99) for one in here]


@given(conversations, st.data())
def test_what_one_side_lacks_disturbs_nothing(rows: list[tuple[str, int]], data: st.DataObject) -> None:
    """Texts that are all different: exactly what is on both sides is paired, whatever is missing."""
    here = [said(n, role, f"сообщение {n * 7919} с текстом {'абвгд' * n}") for n, (role, _) in enumerate(rows, 1)]
    there = [replace(one, id=one.id + 99) for one in here if data.draw(st.booleans())]
    assert [other for _, other in pair(here, there).pairs] == [one.id for one in there]


def test_messages_that_cross_on_their_way_are_paired_all_the_same() -> None:
    here = [said(1, "client", "Когда почините?"), said(2, "staff", "Уже чиним."), said(3, "client", "Спасибо большое")]
    there = [
        said(9, "staff", "Уже чиним."),
        said(10, "client", "Когда почините?"),
        said(11, "client", "Спасибо большое"),
    ]
    assert pair(here, there).same == ((1, 10), (2, 9), (3, 11))


def test_equals_are_told_apart_by_time() -> None:
    here = [said(1, "client", "ау", 1000.0), said(2, "client", "ау", 90000.0)]
    assert pair(here, [said(9, "client", "ау", 90010.0)]).same == ((2, 9),)


@pytest.mark.parametrize(
    ("one", "other", "pairs"),
    [
        (TEXTS[4], TEXTS[5], 1),  # tidied up
        (TEXTS[4], f"Иван Петров, тариф VPS-2: {TEXTS[4]}", 1),  # with a line above
        (TEXTS[4], f"{TEXTS[4]} 22 ноября Анна писала: здравствуйте!", 1),  # with a quotation below
        ("да", "на", 0),
        (TEXTS[4], TEXTS[6], 0),
        ("спасибо", "спасибо, но это не то, о чём я спрашивал вчера вечером", 0),
    ],
)
def test_texts_that_are_nearly_the_same(one: str, other: str, pairs: int) -> None:
    found = pair([said(1, "staff", one)], [said(9, "staff", other)])
    assert len(found.alike) == pairs and not found.same
    assert bool(like(said(1, "staff", one), said(9, "staff", other))) == bool(pairs)


def test_long_texts_of_other_words_are_not_compared_by_their_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """That takes a third of a second for each two of 2000 characters, and a conversation may have thousands."""
    compared: list[float] = []
    ratio = difflib.SequenceMatcher.ratio

    def counted(matcher: difflib.SequenceMatcher[str]) -> float:
        compared.append(ratio(matcher))
        return compared[-1]

    monkeypatch.setattr(difflib.SequenceMatcher, "ratio", counted)
    # The same letters, other words.
    texts = [
        " ".join("".join(order) for order in islice(permutations(letters), 300)) for letters in ("сервен", "невсер")
    ]
    texts = [" ".join(sorted({*text.split()} - {*other.split()})) for text, other in (texts, texts[::-1])]
    left, right = (said(number, "staff", text) for number, text in enumerate(texts, 1))
    assert pair([left], [right]).pairs == []
    assert compared == []
    tidied = said(3, "staff", texts[0].replace(" ", ", ", 20))
    assert pair([left], [tidied]).alike == ((1, 3),)
    assert len(compared) == 1


def test_the_one_who_opens_a_case_signs_as_its_client() -> None:
    here = [said(1, "staff", "Плановые работы на вашем сервере"), said(2, "client", "ок")]
    there = [said(9, "client", "Плановые работы на вашем сервере"), said(10, "client", "ок")]
    assert pair(here, there).pairs == [(1, 9), (2, 10)]


def test_known_pairs_come_first_and_a_wrong_one_is_none() -> None:
    here = [said(1, "client", "один"), said(2, "client", "два"), said(-2, "note", "заметка")]
    there = [said(9, "client", "изменено"), said(10, "client", "два"), said(11, "note", "иначе")]
    assert pair(here, there, [(1, 9), (7, 10), (1, 10), (2, 11)]) == Pairing(((1, 9),), ((2, 10),), ())


def test_records_of_the_system_have_no_other_side() -> None:
    there = [said(9, "staff", "одинаково", system=True)]
    assert pair([said(1, "staff", "одинаково")], there).pairs == []
    assert rest(there, 0.0, []).past == (9,)


def test_what_goes_over_is_clearly_newer_than_all_there() -> None:
    own = [said(n, "client", str(n), at) for n, at in enumerate((10.0, 20.0, 1000.0, 1000.0 + CLEARLY, 5000.0), 1)]
    found = rest(own, 1000.0, [2])
    assert (found.past, found.doubtful, found.fresh) == ((1,), (3, 4), (5,))
    assert rest(own, 1000.0, [5]).fresh == ()


def test_long_conversations_are_paired_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adopt_pairing, "MOST_CELLS", 100)
    here = [said(n, "client", f"текст {n}") for n in range(1, 60)]
    there = [replace(one, id=one.id + 1000) for one in here if one.id % 7]
    assert pair(here, there).pairs == [(one.id - 1000, one.id) for one in there]
