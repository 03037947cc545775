"""The REST calls of a measurement."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

_TIMEOUT_S = 120


class Rest:
    """An administrator's session."""

    def __init__(self, url: str, password: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT_S)
        session = self.post("/api/v1/sessions", {"name": "admin", "password": password})
        self._client.headers["Authorization"] = f"Bearer {session['token']}"

    def get(self, path: str, **query: str | int) -> Any:
        """Return what a GET answers."""
        return self._client.get(path, params=query).raise_for_status().json()

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Return what a POST answers."""
        return self._client.post(path, json=body).raise_for_status().json()

    def put(self, path: str, body: Mapping[str, object]) -> Any:
        """Return what a PUT answers."""
        return self._client.put(path, json=body).raise_for_status().json()

    def patch(self, path: str, body: Mapping[str, object]) -> Any:
        """Return what a PATCH answers."""
        return self._client.patch(path, json=body).raise_for_status().json()

    def post_text(self, path: str, text: str) -> Any:
        """Return what a POST of a text answers."""
        return self._client.post(path, content=text.encode()).raise_for_status().json()

    def upload(self, file_name: str, content: bytes) -> str:
        """Store a file and return the upload's id."""
        answer = self._client.post("/api/v1/uploads", params={"file_name": file_name}, content=content)
        return str(answer.raise_for_status().json()["id"])

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield what a GET answers, as it comes."""
        with self._client.stream("GET", path) as answer:
            answer.raise_for_status()
            yield from answer.iter_raw()

    def metric(self, series: str) -> float:
        """Return the value of a series, spelled as `/metrics` does; 0 if it is not there."""
        lines = self._client.get("/metrics").raise_for_status().text.splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{series} ")), 0.0)
