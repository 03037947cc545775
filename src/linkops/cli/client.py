"""The REST API as commands use it: JSON in, JSON out, problems as failures with a remedy."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from linkops.cli.failures import CommandFailed, ExitCode
from linkops.cli.profile import Profile, load_profile

Json = dict[str, Any]
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_PAGE = 200
_TRIES = 4


class Client:
    """One server, as somebody; closes its connections at the end of a ``with`` block."""

    def __init__(self, profile: Profile) -> None:
        headers = {"Authorization": f"Bearer {profile.token}"} if profile.token else {}
        self.url = profile.url
        self._http = httpx.Client(base_url=f"{profile.url}/api/v1", headers=headers, timeout=_TIMEOUT)

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, **query: Any) -> Json:
        """Return a document; query parameters that are None are left out."""
        return self._json(self._send("GET", path, params=_given(query)))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """Return what the server answers to ``body``; an empty answer is ``{}``."""
        return self._json(self._send("POST", path, json=body))

    def create(self, path: str, body: Mapping[str, Any]) -> Json:
        """Create something exactly once: sent again under the same ``Idempotency-Key`` while the answer is missing."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        for attempt in range(_TRIES):
            try:
                return self._json(self._send("POST", path, json=body, headers=headers))
            except _NoAnswer:
                if attempt == _TRIES - 1:
                    raise
                time.sleep(2**attempt)
        raise AssertionError("unreachable")

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        """Replace something."""
        return self._json(self._send("PUT", path, json=body))

    def patch(self, path: str, body: Mapping[str, Any]) -> Json:
        """Change a part of something."""
        return self._json(self._send("PATCH", path, json=body))

    def delete(self, path: str, **query: Any) -> None:
        """Delete something."""
        self._send("DELETE", path, params=_given(query))

    def items(self, path: str, most: int | None = None, **query: Any) -> Iterator[Json]:
        """Yield the items of a list, page after page, up to ``most``."""
        cursor, left = None, most
        while left is None or left > 0:
            limit = _PAGE if left is None else min(left, _PAGE)
            page = self.get(path, limit=limit, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return
            left = None if left is None else left - len(page["items"])

    def send_stream(self, path: str, chunks: Iterable[bytes], content_type: str, **query: Any) -> Json:
        """Return what the server answers to a body that is sent piece by piece."""
        headers = {"Content-Type": content_type}
        return self._json(self._send("POST", path, params=_given(query), content=chunks, headers=headers))

    def send_part(self, path: str, upload: Json, read: Callable[[int], Iterable[bytes]]) -> Json:
        """Send what follows the bytes that an upload has; where the connection breaks, say again how far it is.

        Args:
            path: of the upload.
            upload: as the server showed it last.
            read: gives the bytes from an offset on.
        """
        offset, headers = upload["have_bytes"], {"Content-Type": "application/octet-stream"}
        try:
            with _failures(self.url):
                answer = self._http.put(
                    f"{path}/content", params={"offset": offset}, content=read(offset), headers=headers
                )
        except _NoAnswer:
            return self._found_again(path)
        if answer.status_code == httpx.codes.CONFLICT:  # of a connection that was lost, more came than was told
            return self.get(path)
        _check(answer)
        return self._json(answer)

    def _found_again(self, path: str) -> Json:
        for attempt in range(_TRIES):
            try:
                return self.get(path)
            except _NoAnswer:
                if attempt == _TRIES - 1:
                    raise
                time.sleep(2**attempt)
        raise AssertionError("unreachable")

    @contextmanager
    def lines(self, path: str, body: bytes, content_type: str) -> Iterator[Iterator[str]]:
        """Give the lines that the server answers, as they come."""
        with (
            _failures(self.url),
            self._http.stream("POST", path, content=body, headers={"Content-Type": content_type}) as answer,
        ):
            if answer.is_error:
                answer.read()
            _check(answer)
            yield answer.iter_lines()

    @contextmanager
    def fetch(self, path: str, body: Mapping[str, Any]) -> Iterator[Iterator[bytes]]:
        """Give the pieces of what a POST makes, as they come; one that is cut off ends with a failure."""
        with _failures(self.url), self._http.stream("POST", path, json=body) as answer:
            if answer.is_error:
                answer.read()
            _check(answer)
            yield answer.iter_bytes()

    @contextmanager
    def download(self, path: str, **query: Any) -> Iterator[Iterator[bytes]]:
        """Give the pieces of a file, as they come; one that is cut off ends with a failure."""
        with self._answering(path, query) as answer:
            yield answer.iter_bytes()

    @contextmanager
    def stream(self, path: str, **query: Any) -> Iterator[Iterator[str]]:
        """Give the lines of an answer that goes on, as they come; parameters that are None are left out."""
        with self._answering(path, query) as answer:
            yield answer.iter_lines()

    @contextmanager
    def _answering(self, path: str, query: dict[str, Any]) -> Iterator[httpx.Response]:
        with _failures(self.url), self._http.stream("GET", path, params=_given(query)) as answer:
            if answer.is_error:
                answer.read()
            _check(answer)
            yield answer

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        with _failures(self.url):
            answer = self._http.request(method, path, **request)
        _check(answer)
        return answer

    def _json(self, answer: httpx.Response) -> Json:
        if not answer.content:
            return {}
        try:
            document: Json = answer.json()
        except ValueError:
            raise CommandFailed(f"{self.url} did not answer like LinkOps: is it the right address?") from None
        return document


class _NoAnswer(CommandFailed):
    """The server did not answer; whether it did the thing is unknown."""


def connect() -> Client:
    """Return a client for the profile in force.

    Raises:
        CommandFailed: when nobody has logged in.
    """
    profile = load_profile()
    if not profile.token:
        raise CommandFailed(f"Not logged in at {profile.url}. Run: linkops login {profile.url}", ExitCode.NOT_ALLOWED)
    return Client(profile)


def _given(query: Mapping[str, Any]) -> Json:
    return {name: value for name, value in query.items() if value is not None}


@contextmanager
def _failures(url: str) -> Iterator[None]:
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise CommandFailed(f"{url!r} is not an address like http://127.0.0.1:8080") from None
    except httpx.TransportError as error:
        reason = str(error) or type(error).__name__
        message = f"No answer from {url} ({reason}). Does the server run there? Another address: linkops login URL"
        raise _NoAnswer(message, ExitCode.UNREACHABLE) from None


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    try:
        problem = answer.json()
        sentences = [str(problem["title"])]
    except (ValueError, KeyError, TypeError):
        raise CommandFailed(f"The server answered {answer.status_code} {answer.reason_phrase}.") from None
    errors = problem.get("errors", [])
    if errors:
        sentences += [f"{error['field']}: {error['message']}." for error in errors]
    elif "field" in problem:
        sentences.append(f"(field: {problem['field']})")
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        sentences.append("Log in again: linkops login")
    if problem.get("code") == "password.must_change":
        sentences.append("Run: linkops user change-password")
    allowed = answer.status_code not in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
    raise CommandFailed(" ".join(sentences), ExitCode.FAILED if allowed else ExitCode.NOT_ALLOWED)
