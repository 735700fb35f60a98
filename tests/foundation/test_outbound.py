"""S67: an address that a hospital typed in does not reach the inside of the house."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from foundation.outbound import OutboundClient, OutboundError, check_url, may_connect, networks

LOOPBACK = ("127.0.0.0/8",)
type Answer = Callable[[BaseHTTPRequestHandler], None]


class Peer:
    """A small server whose answers a test writes by path."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                peer.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                peer.answers.get(self.path, plain)(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


def plain(handler: BaseHTTPRequestHandler) -> None:
    say(handler, b"ok")


def say(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    made.server.shutdown()
    made.server.server_close()


def refused(client: OutboundClient, url: str, method: str = "GET") -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        client.request(method, url)
    return caught.value


@pytest.mark.security("S67")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "https://169.254.169.254/latest/meta-data/", "http://[fd00::1]/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://100.64.0.1/",
        "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://0.0.0.0/", "http://[::]/",
        "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://0x7f000001/", "http://127.1/",
        "http://017700000001/", "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/",
        "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/", "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/", "http://[fd00:ec2::254]/", "http://100.100.100.200/", "http://192.0.0.1/",
        "http://198.18.0.1/", "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "//example.org/",
        "http://user:pw@example.org/", "http://example.org@127.0.0.1/", "http://127.0.0.1\\@example.org/",
        "http://exa mple.org/", "http://example.org\r\nX: y/", "http://example.org:99999/", "http:///", "http://-a.org/",
        "http://１２７.0.0.1/", "http://127。0。0。1/", "http://[fec0::1]/", "http://192.88.99.1/", "http://[3fff::1]/",
        "http://168.63.129.16/", "http://192.0.0.192/", "http://[::ffff:168.63.129.16]/",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused(url: str) -> None:
    with OutboundClient() as client:
        error = refused(client, url)
    assert error.permanent
    assert error.cause in {"url", "address"}


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_may_be_asked(text: str) -> None:
    assert may_connect(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text", ["169.254.169.254", "224.0.0.1", "0.0.0.0", "fe80::1", "fd00:ec2::254", "240.1.1.1", "168.63.129.16"]
)
def test_some_addresses_stay_shut_whatever_an_entry_allows(text: str) -> None:
    assert not may_connect(ipaddress.ip_address(text), networks(["0.0.0.0/0", "::/0"]))


def test_an_egress_entry_opens_its_own_network_only() -> None:
    entry = networks(["10.1.0.0/16"])
    assert may_connect(ipaddress.ip_address("10.1.2.3"), entry)
    assert may_connect(ipaddress.ip_address("::ffff:10.1.2.3"), entry)
    assert not may_connect(ipaddress.ip_address("10.2.0.1"), entry)
    assert not may_connect(ipaddress.ip_address("127.0.0.1"), entry)


@pytest.mark.security("S67")
def test_one_private_answer_among_public_ones_refuses_the_name() -> None:
    with OutboundClient(find=lambda host, port: ["93.184.216.34", "10.0.0.1"]) as client:
        assert refused(client, "http://ehr.example.org/").cause == "address"


@pytest.mark.security("S67")
def test_rebinding_gains_nothing_as_the_checked_answer_is_the_one_connected_to(peer: Peer) -> None:
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    with OutboundClient(allow_networks=LOOPBACK, find=lambda host, port: answers.pop(0)) as client:
        assert client.request("GET", peer.url(host="ehr.test")).body == b"ok"
        assert len(answers) == 1, "the name is resolved once for a request"
        assert peer.seen[0][1]["host"] == f"ehr.test:{peer.port}"
        client.close()
    with OutboundClient(allow_networks=LOOPBACK, find=lambda host, port: answers.pop(0)) as client:
        assert refused(client, peer.url(host="ehr.test")).cause == "address"


def test_the_host_header_cannot_be_set_by_the_caller(peer: Peer) -> None:
    with OutboundClient(allow_networks=LOOPBACK) as client:
        client.request("GET", peer.url(), headers={"Host": "other.example"})
    assert peer.seen[0][1]["host"] == f"127.0.0.1:{peer.port}"


@pytest.mark.security("S67")
@pytest.mark.parametrize(
    "onward", ["http://169.254.169.254/", "http://10.0.0.1/", "file:///etc/passwd", "http://0x7f.1/"]
)
def test_a_redirect_to_the_inside_is_refused(peer: Peer, onward: str) -> None:
    peer.answers["/"] = lambda h: say(h, b"", 302, Location=onward)
    with OutboundClient(allow_networks=LOOPBACK) as client:
        assert refused(client, peer.url()).cause in {"url", "address"}


def test_a_redirect_within_the_origin_keeps_the_credentials(peer: Peer) -> None:
    peer.answers["/"] = lambda h: say(h, b"", 302, Location="/there")
    with OutboundClient(allow_networks=LOOPBACK) as client:
        assert client.request("GET", peer.url(), headers={"Authorization": "Bearer x"}).status == 200
    assert peer.seen[1] == ("/there", peer.seen[1][1])
    assert peer.seen[1][1]["authorization"] == "Bearer x"


def test_a_redirect_to_another_host_loses_the_credentials(peer: Peer) -> None:
    other = Peer()
    peer.answers["/"] = lambda h: say(h, b"", 307, Location=other.url("/there"))
    with OutboundClient(allow_networks=LOOPBACK) as client:
        client.request(
            "GET", peer.url(), headers={"Authorization": "Bearer x", "Cookie": "a=b", "Accept": "text/plain"}
        )
    assert "authorization" not in other.seen[0][1]
    assert "cookie" not in other.seen[0][1]
    assert other.seen[0][1]["accept"] == "text/plain"
    other.server.shutdown()
    other.server.server_close()


def test_a_redirected_post_is_not_followed(peer: Peer) -> None:
    peer.answers["/"] = lambda h: say(h, b"", 307, Location="/there")
    with OutboundClient(allow_networks=LOOPBACK) as client:
        assert client.request("POST", peer.url(), form={"secret": "s"}).status == 307
    assert len(peer.seen) == 1


def test_a_redirect_without_end_is_given_up(peer: Peer) -> None:
    peer.answers["/"] = lambda h: say(h, b"", 302, Location="/")
    with OutboundClient(allow_networks=LOOPBACK) as client:
        assert refused(client, peer.url()).cause == "redirect"
    assert len(peer.seen) == 6


@pytest.mark.security("S67")
def test_a_body_over_the_limit_is_given_up_whether_announced_or_not(peer: Peer) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(100_000):
                handler.wfile.write(b"x" * 65_536)
        except OSError:
            return

    peer.answers["/said"] = lambda h: say(h, b"x" * 20_000)
    peer.answers["/endless"] = endless
    with OutboundClient(allow_networks=LOOPBACK, max_bytes=10_000) as client:
        assert refused(client, peer.url("/said")).cause == "size"
        assert refused(client, peer.url("/endless")).cause == "size"


@pytest.mark.security("S67")
def test_a_packed_bomb_is_given_up_and_an_honest_pack_is_opened(peer: Peer) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    peer.answers["/bomb"] = lambda h: say(h, bomb, Content_Encoding="gzip")
    peer.answers["/pack"] = lambda h: say(h, gzip.compress(b"hello" * 100), Content_Encoding="gzip")
    peer.answers["/deflate"] = lambda h: say(h, zlib.compress(b"hello"), Content_Encoding="deflate")
    peer.answers["/br"] = lambda h: say(h, b"\x0b\x02\x80hello\x03", Content_Encoding="br")
    with OutboundClient(allow_networks=LOOPBACK, max_bytes=1_000_000) as client:
        assert refused(client, peer.url("/bomb")).cause == "size"
        assert client.request("GET", peer.url("/pack")).body == b"hello" * 100
        assert client.request("GET", peer.url("/deflate")).body == b"hello"
        assert refused(client, peer.url("/br")).cause == "broken"


@pytest.mark.security("S67")
@pytest.mark.parametrize("part", ["headers", "body"])
def test_an_answer_that_trickles_is_given_up_when_its_time_is_over(part: str) -> None:
    done = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def trickle() -> None:
        connection, _ = listener.accept()
        connection.recv(4096)
        start = b"HTTP/1.1 200 OK\r\n" + (b"" if part == "headers" else b"Content-Length: 100000\r\n\r\n")
        try:
            connection.sendall(start)
            while not done.wait(0.02):
                connection.sendall(b"x" if part == "body" else b"X-A: b\r\n")
        except OSError:
            pass
        connection.close()

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    with OutboundClient(allow_networks=LOOPBACK, total_seconds=0.3) as client:
        error = refused(client, f"http://127.0.0.1:{listener.getsockname()[1]}/")
    done.set()
    listener.close()
    assert (error.cause, error.permanent) == ("slow", False)


def test_nobody_at_home_is_not_permanent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with OutboundClient(allow_networks=LOOPBACK) as client:
        error = refused(client, f"http://127.0.0.1:{port}/")
    assert (error.cause, error.permanent) == ("connect", False)


def test_a_name_that_does_not_exist_says_so() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with OutboundClient(find=nobody) as client:
        assert refused(client, "https://nowhere.example/").cause == "name"


@pytest.mark.security("S61")
def test_tls_uses_the_name_and_refuses_a_certificate_for_another() -> None:
    ca = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("ehr.test").configure_cert(server_side)
    trusting = ssl.create_default_context()
    ca.configure_trust(trusting)
    peer = Peer(server_side)

    def find(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with OutboundClient(allow_networks=LOOPBACK, tls=trusting, find=find) as client:
        assert client.request("GET", peer.url(host="ehr.test", scheme="https")).body == b"ok"
        error = refused(client, peer.url(host="other.test", scheme="https"))
    assert (error.cause, error.permanent) == ("tls", True)
    with OutboundClient(allow_networks=LOOPBACK, find=find) as client:
        assert refused(client, peer.url(host="ehr.test", scheme="https")).cause == "tls"
    peer.server.shutdown()
    peer.server.server_close()


def test_the_environments_proxy_is_not_used(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    with OutboundClient(allow_networks=LOOPBACK) as client:
        assert client.request("GET", peer.url()).status == 200


def test_a_good_address_is_taken_apart() -> None:
    assert check_url("https://ehr.example.org/fhir") == ("https", "ehr.example.org", 443)
    assert check_url("http://EHR.example.org.:8080") == ("http", "ehr.example.org", 8080)
