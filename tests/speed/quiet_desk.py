"""An account of Omnidesk that answers as the real one does and remembers nothing, to measure the module alone."""

from __future__ import annotations

import io
import itertools
import json
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

DATE = "Mon, 05 May 2025 10:15:17 +0300"


class QuietDesk:
    """Takes every case and message; its lists are empty but for the integration employee."""

    base_url = "https://acme.omnidesk.ru"
    api_key = "key"
    channel = "cch101"

    def __init__(self) -> None:
        self.posted = 0
        self._ids = itertools.count(900_001)

    def clock(self) -> float:
        return time.time()

    def adapter(self) -> HTTPAdapter:
        return _Adapter(self)

    def answer(self, method: str, path: str) -> dict[str, Any]:
        """The body of an answer."""
        if method == "GET":
            if "staff" in path:
                return {"0": {"staff": {"staff_id": 1, "staff_email": "integration@example.com"}}, "total_count": 1}
            return {"total_count": 0}
        self.posted += method == "POST"
        if path.endswith("messages.json"):
            return {"message": {"message_id": next(self._ids), "user_id": 5, "created_at": DATE}}
        return {"case": {"case_id": next(self._ids), "status": "open", "user_id": 5, "updated_at": DATE}}


class _Adapter(HTTPAdapter):
    def __init__(self, desk: QuietDesk) -> None:
        super().__init__()
        self.desk = desk

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        body = json.dumps(self.desk.answer(str(request.method), str(request.path_url).partition("?")[0])).encode()
        raw = HTTPResponse(io.BytesIO(body), {"Content-Type": "application/json"}, 200, preload_content=False)
        return self.build_response(request, raw)
