"""One HTTP request: who asks, with which token, through which host, and where it may be sent on."""

import os
from urllib.parse import urljoin

import requests

from keras_classic_cnns.version import __version__

# Seconds to connect, and seconds without a byte
TIMEOUT_S = 30.0

_HUB = "https://huggingface.co"
_OFFLINE = ("KCC_OFFLINE", "HF_HUB_OFFLINE")


class OfflineError(Exception):
    """The network is forbidden by a switch of the environment."""


class _Bearer(requests.auth.AuthBase):
    """Given as `auth`, since `requests` prefers an entry of ~/.netrc to a header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Session(requests.Session):
    """A session that never leaves https once it is there.

    `requests` does the rest: it follows redirects, drops the token where they lead to another host,
    and takes proxies from the environment.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where a response redirects to; `None` if it does not.

        Raises:
            requests.exceptions.InvalidSchema: From https to something that is not encrypted.
        """
        target = super().get_redirect_target(resp)
        if target is not None:
            absolute = urljoin(resp.url, target)
            if resp.url.startswith("https:") and not absolute.lower().startswith("https:"):
                raise requests.exceptions.InvalidSchema(
                    f"the redirect from https to {absolute} is refused"
                )
        return target


def resolve(url: str) -> str:
    """The address that is asked: `HF_ENDPOINT` stands in for https://huggingface.co.

    Args:
        url: The address of the catalog.
    """
    return _endpoint() + url.removeprefix(_HUB) if url.startswith(f"{_HUB}/") else url


def get(url: str, headers: dict[str, str]) -> requests.Response:
    """Asks for an address; the body is not read yet.

    Args:
        url: The address of the catalog, which `resolve` may replace.
        headers: Further headers.

    Raises:
        OfflineError: `KCC_OFFLINE` or `HF_HUB_OFFLINE` is set.
        requests.RequestException: No answer.
    """
    for switch in _OFFLINE:
        if os.environ.get(switch, "").strip().lower() not in ("", "0", "false", "no", "off"):
            raise OfflineError(f"not tried, since {switch} forbids the network")
    url = resolve(url)
    token = os.environ.get("HF_TOKEN", "").strip()
    with Session() as session:
        session.headers["User-Agent"] = f"keras-classic-cnns/{__version__}"
        # a compressed body has another length, and its offsets mean nothing in the file
        session.headers["Accept-Encoding"] = "identity"
        return session.get(
            url,
            headers=headers,
            auth=_Bearer(token) if token and url.startswith(f"{_endpoint()}/") else None,
            stream=True,
            timeout=TIMEOUT_S,
        )


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").strip().rstrip("/") or _HUB
