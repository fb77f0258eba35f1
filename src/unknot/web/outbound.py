"""The one way to fetch an address that somebody else gave us.

A fetch goes to public addresses only. The check is made on the very address that is connected to, on every hop, so
that neither a name that resolves twice nor a redirect nor an odd way to write an address leads into a private network.
Time, size and redirects are limited as a whole: a server that drips a byte a second gains nothing. Nothing else in the
program opens addresses (`tests/test_architecture.py`).
"""

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings

from unknot import __version__
from unknot.kernel.errors import InvalidError, UnavailableError, UnknotError

Network = IPv4Network | IPv6Network
Resolve = Callable[..., list[Any]]
PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
CONNECT_SECONDS = 5.0
_CHUNK = 65536
# Beyond what the standard library calls not global: addresses that a gateway turns into others, and relics.
_NEVER = [
    ip_network(one)
    for one in (
        "192.0.0.0/24", "192.88.99.0/24",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10",
    )
]  # fmt: skip


class OutboundError(UnknotError):
    """The other address gave nothing that we can use. Nothing was changed."""


class NotWebAddressError(OutboundError, InvalidError):
    """Only https:// and http:// addresses without a password in them can be read. Copy it again where it is shown."""

    code = "address-not-web"


class NotPublicError(OutboundError, InvalidError):
    """This address leads into a private network, where we do not go. Use one that works from anywhere."""

    code = "address-not-public"


class UnknownHostError(OutboundError, UnavailableError):
    """No computer by this name is known. Check the address for a slip; if it is right, try again later."""

    code = "host-unknown"


class NoAnswerError(OutboundError, UnavailableError):
    """The other side did not answer, or broke off. It may be down for a while; check the address if that lasts."""

    code = "no-answer"


class UntrustedError(OutboundError, UnavailableError):
    """The other side could not prove who it is: its certificate is not valid. Ask whoever runs it."""

    code = "not-trusted"


class TooSlowError(OutboundError, UnavailableError):
    """The other side took too long. It may be busy; check the address if that lasts."""

    code = "too-slow"


class TooLargeError(OutboundError, UnavailableError):
    """What stands at this address is larger than we read. Share a calendar with fewer events, without old ones."""

    code = "too-large"


class TooManyRedirectsError(OutboundError, UnavailableError):
    """This address sends from one address to the next without end. Copy it again from where it is shown."""

    code = "too-many-redirects"


class RefusedError(OutboundError, UnavailableError):
    """The other side refuses to show this address. It may have been renewed or closed: copy it again."""

    code = "refused-there"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch, redirects included: seconds in all, bytes of the body, hops."""

    seconds: float = 20.0
    size: int = 5_000_000
    redirects: int = 4


@dataclass(frozen=True, slots=True)
class Fetched:
    """What stood there. `address` is where the last redirect led."""

    address: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Target:
    scheme: str
    host: str
    port: int
    netloc: str
    path: str


@dataclass(slots=True)
class _Clock:
    seconds: float
    began: float = field(default_factory=time.monotonic)

    def left(self, most: float = 3600.0) -> float:
        """Seconds left, at most `most`. Raises TooSlowError when there are none."""
        rest = self.began + self.seconds - time.monotonic()
        if rest <= 0:
            raise TooSlowError
        return min(rest, most)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, however it is written."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if any(ip in one for one in _NEVER if one.version == ip.version):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


def check_address(address: str) -> str:
    """The address in the form in which it is fetched (`webcal:` is `https:`). Says nothing about where it leads.

    Raises NotWebAddressError.
    """
    text = address.strip()
    if text[:9].lower() == "webcal://":
        text = f"https://{text[9:]}"
    _target(text)
    return text


def fetch(
    address: str,
    *,
    limits: Limits = Limits(),
    allow: Iterable[str] | None = None,
    resolve: Resolve = socket.getaddrinfo,
) -> Fetched:
    """Gets an address, following redirects. Must not run inside a transaction: it may take `limits.seconds`.

    `allow`: networks that may be reached although they are not public; by default those of `UNKNOT_OUTBOUND_ALLOW`.
    Raises an OutboundError: NotWebAddressError, NotPublicError, UnknownHostError, NoAnswerError, UntrustedError,
    TooSlowError, TooLargeError, TooManyRedirectsError, RefusedError (`extra["status"]`).
    """
    allowed = _networks(tuple(settings.UNKNOT_OUTBOUND_ALLOW if allow is None else allow))
    clock = _Clock(limits.seconds)
    at = check_address(address)
    for _ in range(limits.redirects + 1):
        target = _target(at)
        found = _get(target, limits, allowed, clock, resolve)
        if isinstance(found, Fetched):
            return Fetched(at, found.content_type, found.body)
        following = urljoin(at, found)
        if target.scheme == "https" and _target(following).scheme != "https":
            raise UntrustedError
        at = following
    raise TooManyRedirectsError


@lru_cache
def _networks(words: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(word) for word in words)


def _target(address: str) -> _Target:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:  # a port that is none, a host that is none
        raise NotWebAddressError from error
    odd = any(not char.isprintable() or char in ' \\"<>' for char in address)
    if parts.scheme not in PORTS or not host or parts.username is not None or odd or len(address) > 2000:
        raise NotWebAddressError
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port == PORTS[parts.scheme] else f"{shown}:{port}"
    return _Target(parts.scheme, host, port, netloc, f"{path}{query}")


def _get(
    target: _Target, limits: Limits, allowed: tuple[Network, ...], clock: _Clock, resolve: Resolve
) -> Fetched | str:
    """The body, or where a redirect leads."""
    wire = _connect(target, allowed, clock, resolve)
    try:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = _Timed(wire, clock)
        headers = {
            "Host": target.netloc,
            "User-Agent": f"Unknot/{__version__}",
            "Accept": "text/calendar, */*;q=0.5",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        connection.request("GET", target.path, headers=headers)
        answer = connection.getresponse()
        if answer.status in REDIRECTS and answer.headers.get("Location"):
            return str(answer.headers["Location"])
        if answer.status != 200:
            raise RefusedError(extra={"status": answer.status})
        return Fetched("", answer.headers.get("Content-Type", ""), _body(answer, limits, clock))
    except TimeoutError as error:
        raise TooSlowError from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise NoAnswerError from error
    finally:
        wire.close()


def _body(answer: http.client.HTTPResponse, limits: Limits, clock: _Clock) -> bytes:
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NoAnswerError("The other side sent it packed, which we did not ask for. Nothing was read.")
    said = answer.length  # None if it did not say
    if said is not None and said > limits.size:
        raise TooLargeError
    parts, size = [], 0
    while part := answer.read(_CHUNK):
        clock.left()
        size += len(part)
        if size > limits.size:
            raise TooLargeError
        parts.append(part)
    if said is not None and size != said:
        raise NoAnswerError  # cut off on its way: never half a calendar
    return b"".join(parts)


def _connect(target: _Target, allowed: tuple[Network, ...], clock: _Clock, resolve: Resolve) -> socket.socket:
    """A connection to an address that was looked at; TLS with the host's own name where the scheme asks for it."""
    found = _resolved(target, clock, resolve)
    for one in found:
        if not _may(str(one[4][0]), allowed):
            raise NotPublicError
    wire = None
    for family, kind, protocol, _, address in found[:4]:
        attempt = socket.socket(family, kind, protocol)
        try:
            attempt.settimeout(clock.left(CONNECT_SECONDS))
            attempt.connect(address)
            wire = attempt
            break
        except OSError:
            attempt.close()
        except TooSlowError:
            attempt.close()
            raise
    if wire is None:
        raise NoAnswerError
    return _secured(wire, target, clock) if target.scheme == "https" else wire


def _secured(wire: socket.socket, target: _Target, clock: _Clock) -> socket.socket:
    try:
        wire.settimeout(clock.left())
        return ssl.create_default_context().wrap_socket(wire, server_hostname=target.host)
    except TimeoutError as error:
        wire.close()
        raise TooSlowError from error
    except (ssl.SSLError, ssl.CertificateError) as error:
        wire.close()
        raise UntrustedError from error
    except OSError as error:
        wire.close()
        raise NoAnswerError from error


def _may(address: str, allowed: tuple[Network, ...]) -> bool:
    ip = ip_address(address.partition("%")[0])
    return is_public(address) or any(ip in one for one in allowed if one.version == ip.version)


def _resolved(target: _Target, clock: _Clock, resolve: Resolve) -> list[Any]:
    """What the name stands for, asked once per hop, in a thread that is left behind if the name server hangs."""
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(resolve(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.append(error)

    asking = threading.Thread(target=ask, daemon=True, name="outbound-resolve")
    asking.start()
    asking.join(clock.left(CONNECT_SECONDS))
    if not answers:
        raise TooSlowError
    if isinstance(answers[0], Exception) or not answers[0]:
        raise UnknownHostError
    return list(answers[0])


class _Timed:
    """A socket for `http.client` whose every read and write has what is left of the whole time."""

    def __init__(self, wire: socket.socket, clock: _Clock) -> None:
        self._wire, self._clock = wire, clock

    def sendall(self, data: bytes) -> None:
        self._wire.settimeout(self._clock.left())
        self._wire.sendall(data)

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._wire, self._clock))

    def close(self) -> None:
        """`http.client` lets go of it before the body is read; `_get` closes the wire."""


class _Reader(io.RawIOBase):
    def __init__(self, wire: socket.socket, clock: _Clock) -> None:
        self._wire, self._clock = wire, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._wire.settimeout(self._clock.left())
        return self._wire.recv_into(buffer)
