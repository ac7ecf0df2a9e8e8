"""Who may use which function, for every function and level: clients and departments none, employees the lists, and root
and those named in the setting Administrators everything."""

from __future__ import annotations

import pytest

from omnidesk.panel_ui import names
from omnidesk.panel_ui.access import RESTRICTED
from omnidesk.panel_ui.serve import FUNCTIONS
from tests.panel_ui.panel_calls import call, save_settings
from tests.support.workshop import Workshop

REFUSALS = ("access", "access_settings")


@pytest.fixture
def named(workshop: Workshop) -> Workshop:
    """Boris and a disabled employee may change settings, Anna may not; a client has the login of a named one."""
    workshop.gone = workshop.panel.add_employee("gone")  # type: ignore[attr-defined]
    workshop.panel.execute("UPDATE user SET enabled = 'off' WHERE id = %s", workshop.gone)  # type: ignore[attr-defined]
    save_settings(workshop, Administrators="boris, gone, ivan@example.com, 17")
    return workshop


def test_what_is_restricted_is_what_changes_something_for_all_or_shows_texts_of_clients() -> None:
    changing = {names.SETTINGS, names.ALERTS, names.FIELDS_LINK, names.FIELDS_EDIT, names.FIELDS_DELETE}
    changing |= {names.ROUTING_EDIT, names.ROUTING_DELETE, names.ROUTING_UP, names.ROUTING_DOWN}
    assert changing | {names.HEALTH_TICKET} == RESTRICTED < set(FUNCTIONS)


@pytest.mark.parametrize("submitted", ["", "ok"])
@pytest.mark.parametrize("func", sorted(FUNCTIONS))
def test_every_function_at_every_level(named: Workshop, func: str, submitted: str) -> None:
    restricted = func in RESTRICTED or (func == names.HEALTH and submitted == "ok")  # checking takes calls
    for level, user, refusal in [
        (16, named.ivan.user, "access"), (28, named.support, "access"), (28, named.boris, "access"),
        (29, named.anna, "access_settings" if restricted else ""), (29, named.boris, ""), (29, "boris", ""),
        (30, "root", ""), (30, "", ""),
        *((29, user, "access_settings" if restricted else "")
          for user in ("anna", named.gone, named.ivan.user, "ivan@example.com", 17, 999999, "9" * 30, "", "root")),  # type: ignore[attr-defined]
    ]:  # fmt: skip
        kind, what = call(named, func, level=level, user=user, elid="x", sok=submitted).error
        assert (kind if kind in REFUSALS else "") == refusal, (level, user)
        assert kind not in REFUSALS or what == func


@pytest.mark.parametrize(("language", "words"), [("en", "etc/omnidesk/omnidesk.conf"), ("ru", "Administrators")])
def test_the_refusal_says_who_may_and_what_to_do(named: Workshop, language: str, words: str) -> None:
    told = call(named, names.SETTINGS, level=29, user=named.anna, language=language).told
    assert "root" in told and "anna" in told and words in told


def test_a_named_employee_can_mend_a_broken_file(named: Workshop) -> None:
    with open(named.paths.settings, "a", encoding="utf-8") as file:
        file.write("Nonsense 1\n")
    assert call(named, names.SETTINGS, level=29, user=named.boris).error == ("", "")


def test_without_settings_only_root_may_set_the_module_up(workshop: Workshop) -> None:
    assert call(workshop, names.SETTINGS, level=29, user=workshop.boris).error[0] == "access_settings"
    assert call(workshop, names.SETTINGS, level=30, user="root").error == ("", "")
