"""Small tools of the unit tests: a rate gate and a client of their own, with a clock that stands still."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnidesk.core.settings import Secret
from omnidesk.helpdesk.client import Client
from omnidesk.helpdesk.rate_limit import RateGate
from tests.support.clock import Clock

URL = "https://acme.omnidesk.ru"
EMAIL = "integration@example.com"
KEY = "key-that-nobody-may-see"


@pytest.fixture
def gate(tmp_path: Path, clock: Clock) -> RateGate:
    return RateGate(str(tmp_path / "var" / "rate"), clock)


@pytest.fixture
def client(gate: RateGate) -> Client:
    return Client(URL, EMAIL, Secret(KEY), gate, timeout=5.0)
