"""What leaves this machine is encrypted, and the other end proves who it is (S61). Wrong settings stop the start.

TLS 1.2 or newer, a certificate of an authority that we were told of, for the very name that we asked for: to the
database, the broker, the mail server, AWS. A socket of this machine needs none of it. Where a service really cannot, as
with a relay on this very host, PORTICO_WITHOUT_TLS names it.
"""

import os
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.settings.environment import env_list, env_str
from foundation.crypto.place import kind_and_place

SERVICES = frozenset({"database", "broker", "mail", "ehr"})
OLD_TLS = frozenset({"TLSv1", "TLSv1.1"})
AWS_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS",
                 "PORTICO_AUDIT_ANCHOR_ENDPOINT")  # fmt: skip


def without_tls() -> frozenset[str]:
    """The services that PORTICO_WITHOUT_TLS names."""
    named = frozenset(env_list("PORTICO_WITHOUT_TLS"))
    if named - SERVICES:
        raise ImproperlyConfigured(f"PORTICO_WITHOUT_TLS may name {', '.join(sorted(SERVICES))}, and nothing else.")
    return named


def verified_database(database: dict[str, Any], variable: str) -> dict[str, Any]:
    """Django's settings of a database, with what makes libpq insist. ImproperlyConfigured where it is not verified."""
    options = dict(database["OPTIONS"])
    if _is_a_socket(database["HOST"], options) or "database" in without_tls():
        return database
    if options.get("sslmode") != "verify-full" or not options.get("sslrootcert"):
        raise ImproperlyConfigured(
            f"{variable} leads over the network unproven. Add ?sslmode=verify-full&sslrootcert=FILE."
        )
    if options["sslrootcert"] != "system" and not Path(options["sslrootcert"]).is_file():
        raise ImproperlyConfigured(f"{variable}: there is no file {options['sslrootcert']}, which sslrootcert names.")
    if options.get("ssl_min_protocol_version", "TLSv1.2") in OLD_TLS:
        raise ImproperlyConfigured(f"{variable}: TLS 1.2 is the oldest that may be used.")
    # Kerberos' own encryption would come first where there is a ticket, and checks no certificate.
    return {**database, "OPTIONS": {"ssl_min_protocol_version": "TLSv1.2", **options, "gssencmode": "disable"}}


def _is_a_socket(host: str, options: dict[str, Any]) -> bool:
    if options.get("hostaddr") or os.environ.get("PGHOSTADDR"):
        return False
    return all(not one or one[0] in "/@" for one in (host or os.environ.get("PGHOST", "")).split(","))


def verified_broker(url: str) -> tuple[str, dict[str, Any]]:
    """REDIS_URL with every check named, and the same for Celery's broker: empty for a socket of this machine."""
    parts = urlsplit(url)
    if parts.scheme in {"unix", "redis+socket"} or "broker" in without_tls():
        return url, {}
    if parts.scheme != "rediss" or not parts.hostname:
        raise ImproperlyConfigured(
            "REDIS_URL leads over the network without TLS. Write rediss://HOST:PORT/0?ssl_ca_certs=FILE, or a socket."
        )
    asked = dict(parse_qsl(parts.query))
    if asked.get("ssl_cert_reqs", "required").lower() not in {"required", "cert_required"}:
        raise ImproperlyConfigured("REDIS_URL asks not to look at the certificate. Take ssl_cert_reqs out.")
    if asked.get("ssl_check_hostname", "true").lower() not in {"true", "yes", "on", "1"}:
        raise ImproperlyConfigured("REDIS_URL asks not to look at the certificate's name. Take ssl_check_hostname out.")
    ca = asked.get("ssl_ca_certs", "")
    if ca and not Path(ca).is_file():
        raise ImproperlyConfigured(f"REDIS_URL: there is no file {ca}, which ssl_ca_certs names.")
    query = urlencode({**asked, "ssl_cert_reqs": "required", "ssl_check_hostname": "true"})
    celery = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **({"ssl_ca_certs": ca} if ca else {})}
    return parts._replace(query=query).geturl(), celery


def verified_mail() -> dict[str, Any]:
    """The options of the SMTP backend that say how it encrypts: EMAIL_TLS is "starttls" or "tls", EMAIL_CA a file."""
    if "mail" in without_tls():
        return {"use_tls": False, "use_ssl": False}
    kind = env_str("EMAIL_TLS", "starttls")
    if kind not in {"starttls", "tls"}:
        raise ImproperlyConfigured(f"EMAIL_TLS is {kind!r}. Write starttls or tls.")
    ca = env_str("EMAIL_CA", "")
    if ca and not Path(ca).is_file():
        raise ImproperlyConfigured(f"EMAIL_CA: there is no file {ca}.")
    return {"use_tls": kind == "starttls", "use_ssl": kind == "tls", "ca": ca}


def verified_aws() -> None:
    """An endpoint of AWS' services that somebody put in is spoken to by https."""
    for variable in AWS_ENDPOINTS:
        value = os.environ.get(variable, "")
        if value and not value.startswith("https://"):
            raise ImproperlyConfigured(f"{variable} is not https. Keys and the record's anchors travel there.")


def verified_key_store(text: str) -> str:
    """PORTICO_KEYS, if it names a key store."""
    try:
        kind_and_place(text)
    except ValueError as problem:
        raise ImproperlyConfigured(str(problem)) from None
    return text
