"""Nobody between us and a database, a broker, a mail server or an EHR: who cannot prove its name is refused (S61)."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import mailers, send_mail
from django.db.utils import ConnectionHandler
from kombu import Connection as Broker
from psycopg import OperationalError

from config.settings.addresses import database, redis_for_django
from config.settings.transport import verified_aws, verified_broker, verified_database, verified_mail
from foundation.outbound import OutboundClient, OutboundError
from tests.foundation.crypto.peers import BAD, Authority, Database, Doorman
from tests.foundation.test_outbound import LOOPBACK, Peer, say

OLD = ssl.TLSVersion.TLSv1_1


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


# The database.


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[Database]:
    made = Database.place("tls")
    try:
        made.make()
        (made.data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 trust\n")
        yield made
    finally:
        made.remove()


def over_tls(server: Database, certificate: Any, newest: str = "") -> dict[str, str]:
    for name, blob in (("key", certificate.private_key_pem), ("crt", certificate.cert_chain_pems[0])):
        blob.write_to_path(server.folder / f"server.{name}")
        (server.folder / f"server.{name}").chmod(0o600)
    told = {"ssl": "on", "ssl_cert_file": f"{server.folder}/server.crt", "ssl_key_file": f"{server.folder}/server.key"}
    return {**told, "ssl_min_protocol_version": newest, "ssl_max_protocol_version": newest} if newest else told


def connect(server: Database, authority: Authority, host: str = "localhost", **options: str) -> dict[str, str]:
    """Connects as Django does with the production settings; what PostgreSQL says of the connection."""
    url = f"postgresql://portico@{host}:{server.port}/postgres?sslmode=verify-full&sslrootcert={authority.file}"
    settings = verified_database(database(url), "DATABASE_URL")
    settings["OPTIONS"] = {**settings["OPTIONS"], **options}
    wrapper: Any = ConnectionHandler({"default": settings})["default"]
    with wrapper.get_new_connection(wrapper.get_connection_params()) as opened:
        said = opened.execute("SELECT version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    return dict(zip(("version", "cipher"), said, strict=True))


@pytest.mark.security("S61")
def test_the_database_is_spoken_to_in_tls_with_its_own_name(server: Database, authority: Authority) -> None:
    with server.serving(over_tls(server, authority.certificate("good"))):
        assert connect(server, authority)["version"] in {"TLSv1.2", "TLSv1.3"}


@pytest.mark.security("S61")
@pytest.mark.parametrize("kind", BAD)
def test_a_database_that_cannot_prove_its_name_is_refused(server: Database, authority: Authority, kind: str) -> None:
    with server.serving(over_tls(server, authority.certificate(kind))):
        with pytest.raises(OperationalError, match="certificate"):
            connect(server, authority)


@pytest.mark.security("S61")
def test_a_database_without_tls_is_refused_and_refuses_a_login_without(server: Database, authority: Authority) -> None:
    with server.serving({}):
        with pytest.raises(OperationalError, match="does not support SSL"):
            connect(server, authority)
    with server.serving(over_tls(server, authority.certificate("good"))):
        with pytest.raises(OperationalError, match="no encryption"):
            connect(server, authority, sslmode="disable", sslrootcert="")


@pytest.mark.security("S61")
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://portico@db.example/portico",
        "postgresql://portico@db.example/portico?sslmode=require",
        "postgresql://portico@db.example/portico?sslmode=verify-ca&sslrootcert=system",
        "postgresql://portico@db.example/portico?sslmode=verify-full",
        "postgresql://portico@db.example/portico?sslmode=verify-full&sslrootcert=/no/such/file",
        "postgresql://portico@db.example/portico?sslmode=verify-full&sslrootcert=system&ssl_min_protocol_version=TLSv1.1",
        "postgresql:///portico?host=/run/postgresql,db.example",
        "postgresql:///portico?hostaddr=10.0.0.5",
    ],
)
def test_a_database_address_that_proves_nothing_stops_the_start(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL"):
        verified_database(database(url), "DATABASE_URL")


def test_a_socket_needs_no_tls_and_an_exception_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("postgresql:///portico", "postgresql:///portico?host=/run/postgresql"):
        assert verified_database(database(url), "DATABASE_URL") == database(url)
    assert verified_broker("redis+socket:///run/valkey.sock") == ("redis+socket:///run/valkey.sock", {})
    monkeypatch.setenv("PORTICO_WITHOUT_TLS", "database,broker,mail,ehr")
    far = "postgresql://portico@db.example/portico"
    assert verified_database(database(far), "DATABASE_URL") == database(far)
    assert verified_broker("redis://broker.example/0") == ("redis://broker.example/0", {})
    assert verified_mail() == {"use_tls": False, "use_ssl": False}
    monkeypatch.setenv("PORTICO_WITHOUT_TLS", "everything")
    with pytest.raises(ImproperlyConfigured, match="nothing else"):
        verified_mail()


# The broker. The embedded Valkey speaks no TLS: a doorman stands before it.


@pytest.fixture
def behind(settings: Any) -> str | tuple[str, int]:
    parts = urlsplit(redis_for_django(settings.REDIS_URL))
    return parts.path if parts.scheme == "unix" else (parts.hostname or "127.0.0.1", parts.port or 6379)


@pytest.fixture
def doorman(request: pytest.FixtureRequest, authority: Authority, behind: Any) -> Iterator[Doorman]:
    kind, newest = request.param if isinstance(request.param, tuple) else (request.param, None)
    made = Doorman(authority.server(kind, newest), behind)
    yield made
    made.close()


def ask_the_broker(doorman: Doorman, authority: Authority) -> None:
    """Both ways to it: the cache's and Celery's."""
    url, for_celery = verified_broker(f"rediss://localhost:{doorman.port}/0?ssl_ca_certs={authority.file}")
    with redis.from_url(url, retry=None) as client:
        client.ping()
    ping_as_celery(url, for_celery)


def ping_as_celery(url: str, how: dict[str, Any]) -> None:
    with Broker(url.partition("?")[0], ssl=how) as broker:
        channel: Any = broker.transport.create_channel(broker.transport)
        channel.client.ping()


@pytest.mark.security("S61")
@pytest.mark.parametrize("doorman", ["good"], indirect=True)
def test_the_broker_is_spoken_to_in_tls_with_its_own_name(doorman: Doorman, authority: Authority) -> None:
    ask_the_broker(doorman, authority)
    assert doorman.shaken == 2


@pytest.mark.security("S61")
@pytest.mark.parametrize("doorman", [*BAD, ("good", OLD)], indirect=True)
def test_a_broker_that_cannot_prove_its_name_is_refused(
    doorman: Doorman, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redis.retry.sleep", lambda seconds: None)
    url, for_celery = verified_broker(f"rediss://localhost:{doorman.port}/0?ssl_ca_certs={authority.file}")
    with pytest.raises(redis.ConnectionError), redis.from_url(url, retry=None) as client:
        client.ping()
    with pytest.raises(Exception, match=r"(?i)certificate|alert|version|eof|closed"):
        ping_as_celery(url, for_celery)
    assert doorman.shaken == 0


@pytest.mark.security("S61")
@pytest.mark.parametrize(
    "url",
    [
        "redis://broker.example:6379/0",
        "rediss://broker.example/0?ssl_cert_reqs=none",
        "rediss://broker.example/0?ssl_cert_reqs=optional",
        "rediss://broker.example/0?ssl_check_hostname=false",
        "rediss://broker.example/0?ssl_ca_certs=/no/such/file",
        "http://broker.example",
    ],
)
def test_a_broker_address_that_proves_nothing_stops_the_start(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^REDIS_URL"):
        verified_broker(url)


# Mail.


class Box(Message):
    """What arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.subjects: list[str] = []

    def handle_message(self, message: Any) -> None:
        self.subjects.append(message["Subject"])


class Smtps(Controller):
    """TLS from the first byte: the controller looks whether it is there without TLS, which it is not."""

    def _trigger_server(self) -> None:
        socket.create_connection(("127.0.0.1", self.port), 5).close()


def mail_server(
    kind: str, how: str, authority: Authority, newest: ssl.TLSVersion | None = None
) -> tuple[Controller, Box]:
    box = Box()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    context = authority.server(kind, newest)
    if how == "tls":
        made: Controller = Smtps(box, "127.0.0.1", port, ssl_context=context)
    elif how == "starttls":
        made = Controller(box, "127.0.0.1", port, tls_context=context, require_starttls=True)
    else:
        made = Controller(box, "127.0.0.1", port)
    made.start()
    return made, box


def send(
    controller: Controller, authority: Authority, how: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("EMAIL_TLS", how)
    monkeypatch.setenv("EMAIL_CA", str(authority.file))
    options = {"host": "localhost", "port": controller.port, "timeout": 5, **verified_mail()}
    settings.MAILERS = {"default": {"BACKEND": "foundation.outbound.mail.VerifiedSmtp", "OPTIONS": options}}
    mailers.create_connection("default").close()
    send_mail("A letter", "Words.", "from@portico.example", ["to@portico.example"])


@pytest.mark.security("S61")
@pytest.mark.parametrize("how", ["starttls", "tls"])
def test_mail_goes_out_in_tls(how: str, authority: Authority, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    controller, box = mail_server("good", how, authority)
    try:
        send(controller, authority, how, monkeypatch, settings)
        assert box.subjects == ["A letter"]
    finally:
        controller.stop()


@pytest.mark.security("S61")
@pytest.mark.parametrize("how", ["starttls", "tls"])
@pytest.mark.parametrize("kind", [*BAD, "old"])
def test_a_mail_server_that_cannot_prove_its_name_gets_no_mail(
    how: str, kind: str, authority: Authority, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    controller, box = mail_server(kind, how, authority, OLD if kind == "old" else None)
    try:
        with pytest.raises(ssl.SSLError):
            send(controller, authority, how, monkeypatch, settings)
        assert not box.subjects
    finally:
        controller.stop()


@pytest.mark.security("S61")
def test_a_mail_server_that_offers_no_tls_gets_no_mail(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    controller, box = mail_server("good", "plain", authority)
    try:
        with pytest.raises(smtplib.SMTPNotSupportedError):
            send(controller, authority, "starttls", monkeypatch, settings)
        assert not box.subjects
    finally:
        controller.stop()


def test_a_word_that_is_no_way_to_encrypt_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EMAIL_TLS", "none")
    with pytest.raises(ImproperlyConfigured, match="Write starttls or tls"):
        verified_mail()
    monkeypatch.setenv("EMAIL_TLS", "tls")
    monkeypatch.setenv("EMAIL_CA", str(tmp_path / "none.pem"))
    with pytest.raises(ImproperlyConfigured, match="EMAIL_CA: there is no file"):
        verified_mail()


# The hospital's record system, and AWS.


@pytest.mark.security("S61")
@pytest.mark.parametrize("kind", [*BAD, "old"])
def test_a_record_system_that_cannot_prove_its_name_is_refused(kind: str, authority: Authority) -> None:
    """With the authority in the client's store, as the system's own authorities are: the rest is the default."""
    trusting = ssl.create_default_context(cafile=str(authority.file))
    good, bad = Peer(authority.server()), Peer(authority.server(kind, OLD if kind == "old" else None))
    try:
        with OutboundClient(allow_networks=LOOPBACK, tls=trusting) as client:
            assert client.request("GET", good.url("/", "localhost", "https")).body == b"ok"
            with pytest.raises(OutboundError) as refused:
                client.request("GET", bad.url("/", "localhost", "https"))
            assert (refused.value.cause, refused.value.permanent) == ("tls", True)
        with OutboundClient(allow_networks=LOOPBACK) as client, pytest.raises(OutboundError):
            client.request("GET", good.url("/", "localhost", "https"))  # an authority that nobody told us of
        assert not bad.seen
    finally:
        for peer in (good, bad):
            peer.server.shutdown()
            peer.server.server_close()


@pytest.mark.security("S61")
def test_a_record_system_without_tls_is_not_asked_nor_redirected_to(authority: Authority, settings: Any) -> None:
    settings.PORTICO_PLAIN_HTTP = False  # as in production
    plain, secure = Peer(), Peer(authority.server())
    secure.answers["/onward"] = lambda handler: say(handler, b"", 302, Location=plain.url())
    trusting = ssl.create_default_context(cafile=str(authority.file))
    try:
        with OutboundClient(allow_networks=LOOPBACK, tls=trusting) as client:
            assert client.request("GET", secure.url("/", "localhost", "https")).body == b"ok"
            for url in (plain.url(), secure.url("/onward", "localhost", "https")):
                with pytest.raises(OutboundError, match="https"):
                    client.request("GET", url)
        assert not plain.seen
    finally:
        for peer in (plain, secure):
            peer.server.shutdown()
            peer.server.server_close()


@pytest.mark.security("S61")
def test_an_aws_endpoint_without_tls_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    verified_aws()
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "https://kms.example")
    verified_aws()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://kms.example")
    with pytest.raises(ImproperlyConfigured, match="AWS_ENDPOINT_URL is not https"):
        verified_aws()
