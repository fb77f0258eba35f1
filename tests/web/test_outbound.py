"""The guarded client against real servers on this machine: the default goes nowhere private, a list lets tests in."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.stub_server import Handler, Server, redirect
from unknot.web import outbound
from unknot.web.outbound import Limits, fetch, is_public

HERE = ("127.0.0.1/32", "::1/128")
QUICK = Limits(seconds=0.6, size=100_000)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\nContent-Length: 5\r\n\r\nhello"


def test_what_is_allowed_is_fetched_and_we_say_little(serve: Callable[..., Server]) -> None:
    server = serve(OK)
    found = fetch(f"{server.url}cal.ics?key=ä", allow=HERE)
    assert (found.body, found.content_type) == (b"hello", "text/calendar")
    lines = server.asked[0].decode().split("\r\n")
    assert lines[0] == "GET /cal.ics?key=%C3%A4 HTTP/1.1"
    names = {line.split(":")[0] for line in lines[1:] if line}
    assert names == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "①②⑦.⓪.⓪.①", "0.0.0.0", "127.0.0.1.",  # noqa: S104
    ],
)  # fmt: skip
def test_by_default_this_machine_is_out_of_reach_however_it_is_written(serve: Callable[..., Server], host: str) -> None:
    server = serve(OK)
    with pytest.raises((outbound.NotPublicError, outbound.UnknownHostError, outbound.NotWebAddressError)):
        fetch(f"http://{host}:{server.port}/")
    assert server.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.170", "198.18.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "[fd00::1]", "[fe80::1]", "[fec0::1]", "[64:ff9b::7f00:1]",
        "[64:ff9b::808:808]", "[2002:7f00:1::]", "[::]", "[::127.0.0.1]", "[::ffff:10.0.0.1]", "3232235777",
        "0xa9fea9fe",
    ],
)  # fmt: skip
def test_private_networks_are_refused_before_anything_is_sent(host: str) -> None:
    with pytest.raises(outbound.NotPublicError):
        fetch(f"http://{host}/", limits=QUICK)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "gopher://127.0.0.1:25/_HELO", "ftp://host.example/x", "data:text/plain,x",
        "//host.example",
        "javascript:alert(1)", "http://", "http:///x", "", "calendar", "http://name:word@host.example/",
        "http://host.example:99999/", "http://host.example/\r\nHost: other", "http://a b.example/", "http://a..b/",
        "http://host.example\\@127.0.0.1/", "http://host.example/" + "x" * 2000,
    ],
)  # fmt: skip
def test_other_kinds_of_address_are_refused(address: str) -> None:
    with pytest.raises(outbound.NotWebAddressError):
        fetch(address, allow=HERE)


def test_webcal_is_https() -> None:
    assert outbound.check_address("webcal://host.example/x.ics") == "https://host.example/x.ics"


@given(st.ip_addresses(v=4))
def test_an_address_in_the_clothes_of_the_newer_kind_is_still_itself(address: Any) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_redirects_are_followed_and_looked_at_one_by_one(serve: Callable[..., Server]) -> None:
    target = serve(OK)
    assert fetch(serve(redirect(f"{target.url}there")).url, allow=HERE).address == f"{target.url}there"


def test_a_redirect_into_a_private_network_is_refused(serve: Callable[..., Server]) -> None:
    private = serve(OK, host="127.0.0.2")
    with pytest.raises(outbound.NotPublicError):
        fetch(serve(redirect(private.url)).url, allow=["127.0.0.1/32"])
    assert private.asked == []


@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@host.example/"])
def test_a_redirect_to_another_kind_of_address_is_refused(serve: Callable[..., Server], to: str) -> None:
    with pytest.raises(outbound.NotWebAddressError):
        fetch(serve(redirect(to)).url, allow=HERE)


def test_endless_redirects_end(serve: Callable[..., Server]) -> None:
    server = serve(redirect("/again"))
    with pytest.raises(outbound.TooManyRedirectsError):
        fetch(server.url, allow=HERE, limits=Limits(redirects=3))
    assert len(server.asked) == 4


def test_a_name_is_asked_once_a_hop_and_the_answer_is_what_is_connected_to(serve: Callable[..., Server]) -> None:
    """DNS rebinding: the second answer, a private one, is never used behind the first one's back."""
    first = serve(lambda wire, request: wire.sendall(OK if b"/x" in request else redirect("/x")))
    asked: list[str] = []

    def names(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    assert fetch(f"http://cal.example:{first.port}/x", allow=HERE, resolve=names).body == b"hello"
    assert asked == ["cal.example"]
    asked.clear()
    with pytest.raises(outbound.NotPublicError):
        fetch(f"http://cal.example:{first.port}/", allow=["127.0.0.1/32"], resolve=names)
    assert len(asked) == 2


def test_one_private_answer_among_good_ones_is_enough_to_refuse(serve: Callable[..., Server]) -> None:
    server = serve(OK)

    def names(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("127.0.0.1", "10.0.0.1")]

    with pytest.raises(outbound.NotPublicError):
        fetch(server.url, allow=HERE, resolve=names)
    assert server.asked == []


def drip(wire: socket.socket, start: bytes) -> None:
    wire.sendall(start)
    while True:
        wire.sendall(b"x")
        time.sleep(0.05)


SLOW: dict[str, Handler] = {
    "says nothing": lambda wire, _: time.sleep(5),
    "drips its headers": lambda wire, _: drip(wire, b"HTTP/1.1 200 OK\r\nX-Slow: "),
    "drips its body": lambda wire, _: drip(wire, b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"),
    "drips without end": lambda wire, _: drip(wire, b"HTTP/1.1 200 OK\r\n\r\n"),
}


@pytest.mark.parametrize("how", SLOW)
def test_whoever_is_slow_is_left(serve: Callable[..., Server], how: str) -> None:
    began = time.monotonic()
    with pytest.raises(outbound.TooSlowError):
        fetch(serve(SLOW[how]).url, allow=HERE, limits=QUICK)
    assert time.monotonic() - began < 2


def test_a_name_server_that_hangs_is_left() -> None:
    def names(*_: Any, **__: Any) -> list[Any]:
        time.sleep(3)
        return []

    with pytest.raises(outbound.TooSlowError):
        fetch("http://cal.example/", resolve=names, limits=Limits(seconds=0.2))


def test_a_gigabyte_is_not_read(serve: Callable[..., Server]) -> None:
    sent = [0]

    def pour(wire: socket.socket, _: bytes) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(16_000):
            wire.sendall(b"x" * 65536)
            sent[0] += 65536

    said = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nx")
    for server in (said, serve(pour)):
        with pytest.raises(outbound.TooLargeError):
            fetch(server.url, allow=HERE, limits=Limits(seconds=5, size=100_000))
    time.sleep(0.1)
    assert sent[0] < 20_000_000  # what fits into the pipes on the way


BROKEN = {
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "packed": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
    "not the web": b"220 mail.example ESMTP\r\n",
    "nothing": b"",
    "endless header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_answer_is_no_answer(serve: Callable[..., Server], how: str) -> None:
    with pytest.raises(outbound.NoAnswerError):
        fetch(serve(BROKEN[how]).url, allow=HERE, limits=QUICK)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500, 204])
def test_a_refusal_says_which(serve: Callable[..., Server], status: int) -> None:
    server = serve(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
    with pytest.raises(outbound.RefusedError) as refused:
        fetch(server.url, allow=HERE)
    assert refused.value.extra == {"status": status}


def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(outbound.NoAnswerError):
        fetch(f"http://127.0.0.1:{port}/", allow=HERE, limits=QUICK)

    def names(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    with pytest.raises(outbound.UnknownHostError):
        fetch("http://nobody.example/", resolve=names)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, serve: Callable[..., Server]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_certificate(tmp_path))
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with suppress(OSError):
            wire, _ = server.accept()
            context.wrap_socket(wire, server_side=True)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    with pytest.raises(outbound.UntrustedError):
        fetch(f"https://127.0.0.1:{server.getsockname()[1]}/", allow=HERE)
    server.close()
    thread.join(5)


def own_certificate(folder: Path) -> Path:
    """A key and a certificate signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    path = folder / "own.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return path
