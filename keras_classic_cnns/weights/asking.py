"""Asks an address for a file, and says in a line what went wrong, and whether it may pass."""

import datetime
import email.utils

import requests

from keras_classic_cnns.weights import session

_PASSING = {408, 429, 500, 502, 503, 504}


class DownloadError(Exception):
    """The file cannot be had from this address."""


class PassingError(DownloadError):
    """Another try may go well, after `pause_s` seconds where the server said so."""

    def __init__(self, message: str, pause_s: float | None = None) -> None:
        super().__init__(message)
        self.pause_s = pause_s


class NoSuchRangeError(PassingError):
    """The server's file ends before what was asked for."""


def ask(url: str, headers: dict[str, str]) -> requests.Response:
    """Asks for an address, once; whatever is not an answer with content is an error.

    Args:
        url: The address of the catalog.
        headers: Further headers.

    Returns:
        The response, whose body is not read yet; the caller closes it.

    Raises:
        PassingError: Another try may go well.
        DownloadError: It may not.
    """
    try:
        response = session.get(url, headers)
    except session.OfflineError as error:
        raise DownloadError(str(error)) from error
    except OSError as error:  # all that `requests` raises, and what it forgets to wrap
        raise translated(error) from error
    if response.status_code in (requests.codes.ok, requests.codes.partial):
        return response
    response.close()
    status = f"HTTP {response.status_code} {response.reason}".rstrip()
    pause_s = _retry_after(response.headers.get("Retry-After", ""))
    if response.status_code == requests.codes.requested_range_not_satisfiable:
        raise NoSuchRangeError(status, pause_s)
    if response.status_code not in _PASSING:
        raise DownloadError(status)
    raise PassingError(status, pause_s)


def content_size(response: requests.Response) -> int | None:
    """Bytes of the whole file that a response is of, or a part of; `None` if it does not say."""
    headers = response.headers
    if headers.get("Content-Encoding", "identity") != "identity":
        return None  # its length and offsets are not those of the file
    length = headers.get("Content-Length", "")
    if response.status_code == requests.codes.partial:
        length = headers.get("Content-Range", "").rpartition("/")[2]
    return int(length) if length.isdigit() else None


def translated(error: OSError) -> DownloadError:
    """An error of `requests` in a line: a `PassingError`, where another try may go well."""
    if isinstance(error, requests.Timeout) or "Read timed out" in str(error):
        return PassingError(f"no answer for {session.TIMEOUT_S:g} s")
    message = str(_innermost(error)) or type(error).__name__
    if isinstance(error, requests.exceptions.SSLError):
        return DownloadError(message)
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return PassingError(f"the connection failed: {message}")
    return DownloadError(message)


def _innermost(error: Exception) -> Exception:
    """What happened, without the pools of connections that it passed through."""
    cause = getattr(error, "reason", None) or (error.args[-1] if error.args else None)
    return _innermost(cause) if isinstance(cause, Exception) else error


def _retry_after(value: str) -> float | None:
    """The header's seconds; it may also be a date."""
    if value.strip().isdigit():
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
        return (date - datetime.datetime.now(datetime.UTC)).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a time zone
        return None
