"""What went wrong with a call, by what stands behind litellm's exception.

litellm gives many things the status 500 that no server said. What counts is the HTTP status in the
chain of causes, else how the connection failed, else that an answer came and could not be read.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kernelgepa.llm.words import no_secrets, one_line

# fatal: no call can succeed. again: nothing was charged, try again. unreachable: again, and no
# server is there. refused: this request is not taken, nothing was charged. unsure: may have been
# charged.
Kind = Literal["fatal", "again", "unreachable", "refused", "unsure"]

_FATAL = frozenset({401, 402, 403, 404, 405})
_UNSURE = frozenset({408, 499, 504, 524})  # a gateway gave up waiting; the model may have answered
_TOO_LONG = re.compile(
    r"context.{0,12}(length|window|size)|too (long|large|many tokens)|maximum.{0,20}tokens|"
    r"exceeds?.{0,40}(tokens|context)",
    re.IGNORECASE,
)
_FILTERED = re.compile(r"content.{0,3}(policy|filter|management)|safety", re.IGNORECASE)
_NO_CREDIT = re.compile(r"insufficient_quota|billing|credit balance|exceeded your current quota")
_MESSAGE = 300  # characters of a server's own words
# What litellm puts before and behind them: names of its classes, a traceback of its own.
_BEFORE = re.compile(r"^litellm\.\w+: (?:\w+: )?(?:\w+Exception - )?(?:error - )?")
_BEHIND = re.compile(r",? *(?:Traceback \(most recent|Received response - <|Received Model Group)")


@dataclass(frozen=True)
class Trouble:
    """`failure` is the class of the proposal it makes; `wait` what the server asked for."""

    kind: Kind
    failure: str
    message: str
    status: int | None = None
    wait: float | None = None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def trouble_of(error: BaseException) -> Trouble:
    """What it means for the call."""
    import httpx  # noqa: PLC0415

    said = one_line(no_secrets(_own_words(str(error))), _MESSAGE)
    for cause in _chain(error):
        if isinstance(cause, httpx.HTTPStatusError):
            return _of_status(cause.response.status_code, cause.response.headers, said)
    for cause in _chain(error):
        if isinstance(
            cause,
            httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError,
        ):
            return Trouble("unreachable", "unavailable", _root(error))
        if isinstance(cause, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
            return Trouble("fatal", "unavailable", _root(error))
        if isinstance(cause, httpx.InvalidURL):
            return Trouble("fatal", "unavailable", _root(error))
        if isinstance(cause, httpx.TimeoutException):
            return Trouble("unsure", "timeout", "no answer came in time")
        if isinstance(cause, httpx.TransportError):
            return Trouble("unsure", "timeout", "the connection was dropped before the answer")
    return _without_http(error, said)


def _own_words(text: str) -> str:
    said = _BEFORE.sub("", " ".join(text.split()))
    return _BEHIND.split(said, maxsplit=1)[0] or said


def _without_http(error: BaseException, said: str) -> Trouble:
    """litellm refused before calling, or could not read what came."""
    status = getattr(error, "status_code", None)
    if status in (400, 401, 403, 404) or "Missing credentials" in said:
        return Trouble("fatal", "refused", said, status if status != 500 else 401)
    if type(error).__name__ == "Timeout":
        return Trouble("unsure", "timeout", "no answer came in time")
    return Trouble("unsure", "garbage", f"the answer could not be read ({said})")


def _of_status(status: int, headers: Mapping[str, str], said: str) -> Trouble:
    wait = retry_after(headers)
    if status in _UNSURE:
        return Trouble("unsure", "timeout", f"the server gave up waiting ({status})", status)
    if status in _FATAL or (status == 429 and _NO_CREDIT.search(said)):
        return Trouble("fatal", "refused", said, status)
    if status == 429:
        return Trouble("again", "rate limited", said, status, wait)
    if status >= 500 or status in (409, 425):
        return Trouble("again", "unavailable", said, status, wait)
    if status == 413 or _TOO_LONG.search(said):
        return Trouble("refused", "prompt too long", said, status)
    if _FILTERED.search(said):
        return Trouble("refused", "filtered", said, status)
    return Trouble("refused", "refused", said, status)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks to wait: a number, or a date."""
    precise = headers.get("retry-after-ms")
    text = headers.get("retry-after", "").strip()
    try:
        if precise:
            return _seconds(float(precise) / 1000)
        return _seconds(float(text)) if text else None
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return _seconds(moment.timestamp() - time.time())


def _seconds(value: float) -> float | None:
    return max(0.0, value) if not math.isnan(value) else None


def _root(error: BaseException) -> str:
    """The words of the cause that lies deepest."""
    deepest = [c for c in _chain(error) if str(c)][-1]
    return one_line(no_secrets(str(deepest)), _MESSAGE)


def known_errors() -> tuple[type[BaseException], ...]:
    """What litellm raises where a call fails; its own types descend from openai's."""
    import httpx  # noqa: PLC0415
    import openai  # noqa: PLC0415

    found: Any = (openai.OpenAIError, httpx.HTTPError, httpx.InvalidURL, ValueError)
    return tuple(found)
