"""What can go wrong between us and an EHR, and the sentences that say so."""

# ruff: noqa: E501  (a sentence stays in one piece for the translators)
from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.errors import Conflict, NotFound


class Fault(StrEnum):
    """The cause, as the database and the logs keep it. `explain` has the words."""

    URL = "url"
    ADDRESS = "address"
    NAME = "name"
    CONNECT = "connect"
    TLS = "tls"
    SLOW = "slow"
    SIZE = "size"
    REDIRECT = "redirect"
    BROKEN = "broken"
    NOT_FHIR = "not_fhir"
    GARBAGE = "garbage"
    WRONG_VERSION = "wrong_version"
    DISCOVERY = "discovery"
    KEY = "key"
    TOKEN = "token"  # noqa: S105  (a word of a list)
    SIGN_IN = "sign_in"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    NOT_OFFERED = "not_offered"
    BUSY = "busy"
    SERVER = "server"
    PAGING = "paging"
    FOREIGN = "foreign"
    INCOMPLETE = "incomplete"
    SECRET = "secret"  # noqa: S105  (a word of a list)
    KEYS_AWAY = "keys_away"


SENTENCES: dict[Fault, Promise] = {
    Fault.URL: _("The address is not written as it should be. Write the full base address of the FHIR server, such as https://ehr.example.org/fhir."),
    Fault.ADDRESS: _("The address leads into a private network. Allow that network for this hospital with --allow-private, if it is yours."),
    Fault.NAME: _("The name of the server is not known. Check the spelling and the DNS entry."),
    Fault.CONNECT: _("Nothing answers at this address. Check that the server runs, the port, and the firewall."),
    Fault.TLS: _("The certificate of the server is not valid for this name, or has ended. Renew it, or use the name that stands in it."),
    Fault.SLOW: _("The server did not answer in time. Check its load and the network between."),
    Fault.SIZE: _("The answer of the server is too large. Ask the vendor to limit the size of a page."),
    Fault.REDIRECT: _("The server sends us on and on, or from https to http. Use the address it redirects to."),
    Fault.BROKEN: _("The server broke off its answer. Check the proxy or load balancer in front of it."),
    Fault.NOT_FHIR: _("There is a server, but it does not speak FHIR at this address. Add the path, often /fhir or /r4."),
    Fault.GARBAGE: _("The answer of the server cannot be read as FHIR JSON. Check that it can answer application/fhir+json."),
    Fault.WRONG_VERSION: _("The server speaks another version of FHIR. Use its R4 (4.0) address."),
    Fault.DISCOVERY: _("The server does not say where to get a token. Check that /.well-known/smart-configuration names a token_endpoint."),
    Fault.KEY: _("The private key cannot be used. It must be a PEM file that fits the algorithm: P-384 for ES384, RSA for RS384."),
    Fault.TOKEN: _("The server did not give a token. Check the client id, that the public key is registered there, and both clocks."),
    Fault.SIGN_IN: _("The server does not accept our sign-in. Check the token or the key of this connection."),
    Fault.FORBIDDEN: _("The server does not allow this. Give the client the scope system/*.read (or .rs), or the kinds it lacks."),
    Fault.NOT_FOUND: _("The server does not have this."),
    Fault.REFUSED: _("The server refuses this question."),
    Fault.NOT_OFFERED: _("The server does not offer this."),
    Fault.BUSY: _("The server asks us to come back later. We try again by ourselves."),
    Fault.SERVER: _("The server reports a fault of its own. Look into its log."),
    Fault.PAGING: _("The server's pages do not lead to an end. Ask the vendor to mend the next links."),
    Fault.FOREIGN: _("The server sent data of another patient. It was not stored. Tell the vendor at once."),
    Fault.INCOMPLETE: _("The server did not send all it said it has."),
    Fault.SECRET: _("The stored secret of this connection does not open. Connect again."),
    Fault.KEYS_AWAY: _("The portal cannot reach its own keys right now. We try again by ourselves."),
}  # fmt: skip


class ConnectorError(Exception):
    """An EHR could not be asked, or its answer cannot be used.

    `permanent`: asking again changes nothing until somebody acts. `detail` is for the person who sets the connection
    up; it holds no health data.
    """

    def __init__(self, fault: Fault, detail: str = "", *, permanent: bool = False, status: int = 0) -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault
        self.detail = detail
        self.permanent = permanent
        self.status = status
        self.retry_after = 0.0


def explain(code: str) -> str:
    """Cause and fix, as a plain sentence in the reader's language."""
    return str(SENTENCES[Fault(code)]) if code in Fault else str(_("Something unexpected happened."))


class NoConnection(NotFound):
    code = "no_connection"
    default = _("This hospital is not connected to a health record system yet.")


class SyncRuns(Conflict):
    code = "sync_runs"
    default = _("A synchronization is running already.")
