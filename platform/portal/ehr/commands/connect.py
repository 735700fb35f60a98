"""`manage.py hospital connect SLUG --base-url URL ...`: tests a connection step by step, then stores it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.audit import Actor, open_trail
from foundation.errors import Refusal
from foundation.tenancy import inside
from portal.ehr.actions import store_connection
from portal.ehr.commands import quiet
from portal.ehr.connecting import is_same_system, private_networks
from portal.ehr.connector import EHRConnector
from portal.ehr.errors import ConnectorError, explain
from portal.ehr.queries import active_connection
from portal.ehr.registry import CONNECTORS, Access, opener
from portal.ehr.values import Finding
from tenants.queries import hospital_by_slug

STEPS = {
    "address": gettext_lazy("The address answers"),
    "discovery": gettext_lazy("The server says where to get a token"),
    "token": gettext_lazy("The server gave a token"),
    "capability": gettext_lazy("The server says what it can do"),
    "patients": gettext_lazy("Patients can be read"),
}


class Connect:
    help = "Test the connection to a hospital's health record system, then store it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--base-url", required=True, help="base address of the FHIR R4 server")
        parser.add_argument("--auth", choices=["none", "bearer", "smart"], default="none")
        parser.add_argument("--token", help="for --auth bearer: the fixed token")
        parser.add_argument("--client-id", help="for --auth smart")
        parser.add_argument("--key", help="for --auth smart: file with the private key, PEM or JWK")
        parser.add_argument("--alg", choices=["ES384", "RS384"], default="ES384")
        parser.add_argument("--kid", help="for --auth smart: the key's id, if the server wants a certain one")
        parser.add_argument("--scope", help='for --auth smart: the scope, where "system/*.read" is not the right one')
        parser.add_argument("--token-url", help="for --auth smart: where to get a token, if the server does not say")
        allow = "a private network that this hospital's connection may reach; can be repeated"
        parser.add_argument("--allow-private", action="append", default=[], metavar="CIDR", help=allow)
        parser.add_argument("--kind", choices=sorted(CONNECTORS), default="fhir_r4", help="kind of interface")

    def handle(self, options: dict[str, Any], stdout: OutputWrapper) -> None:
        hospital = hospital_by_slug(options["slug"])
        if hospital is None:
            raise CommandError(_("There is no hospital with the short name %(slug)s.") % {"slug": options["slug"]})
        access = access_from(options)
        kind, base_url = options["kind"], access.base_url
        connector = opener(kind)(access)
        try:
            with quiet(), inside(hospital), open_trail():
                examine(connector, stdout)
                same = is_same_system(active_connection(), kind, base_url, connector)
                store_connection(
                    by=Actor.command("hospital connect"), kind=kind, base_url=base_url, settings=access.settings,
                    secret=access.secret, allow_networks=access.allow_networks, same_system=same,
                )  # fmt: skip
        except ConnectorError as error:
            raise CommandError(sentence(error.fault.value, error.detail)) from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        finally:
            connector.close()
        if not same:
            stdout.write(_("This is another system: its ids mean other people. A new connection begins."))
        stdout.write(_("%(name)s is connected to %(url)s.") % {"name": hospital.name, "url": base_url})
        stdout.write(_("Next: manage.py hospital sync %(slug)s") % {"slug": hospital.slug})


def examine(connector: EHRConnector, stdout: OutputWrapper) -> None:
    """Shows each step. Raises CommandError at the first that fails; nothing is stored then."""
    for finding in connector.check():
        if not finding.passed:
            stdout.write(_("failed  %(step)s") % {"step": STEPS.get(finding.step, finding.step)})
            raise CommandError(sentence(finding.fault, finding.detail))
        stdout.write(_("ok      %(step)s") % {"step": line(finding)})


def line(finding: Finding) -> str:
    step = str(STEPS.get(finding.step, finding.step))
    if finding.step == "capability" and not finding.detail:
        return _("The server does not say what it can do. It is asked for the usual kinds")
    return f"{step}: {finding.detail}" if finding.detail else step


def sentence(fault: str, detail: str) -> str:
    return f"{explain(fault)} ({detail})" if detail else explain(fault)


def access_from(options: dict[str, Any]) -> Access:
    """What the options say. Raises CommandError where they do not fit together."""
    settings: dict[str, Any] = {"auth": options["auth"]}
    secret = ""
    if options["auth"] == "bearer":
        secret = options["token"] or ""
        if not secret:
            raise CommandError(_("Give the token with --token."))
    if options["auth"] == "smart":
        if not options["client_id"] or not options["key"]:
            raise CommandError(_("Give the client id with --client-id and the private key's file with --key."))
        secret = read_key(options["key"])
        settings |= {"client_id": options["client_id"], "alg": options["alg"]}
        settings |= {name: options[name] for name in ("kid", "scope", "token_url") if options.get(name)}
    try:
        allowed = private_networks(options["allow_private"])
    except ValueError as error:
        raise CommandError(
            _("--allow-private wants a private network such as 10.20.0.0/16, not %(text)s.") % {"text": error}
        ) from error
    return Access(options["base_url"].rstrip("/"), settings, secret, allowed)


def read_key(path: str) -> str:
    try:
        return Path(path).expanduser().read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(_("The key file %(path)s cannot be read.") % {"path": path}) from error
