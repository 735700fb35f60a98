"""An attachment's address is somebody's text: it fetches documents of this server, and no chart."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from foundation.outbound import Reply
from portal.ehr.connectors.fhir_r4.content import fetch
from portal.ehr.errors import ConnectorError, Fault

BASE = "https://ehr.example/fhir"
PATIENT = json.dumps({"resourceType": "Patient", "id": "somebody-else"}).encode()
BUNDLE = json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": []}).encode()
XML = b'<?xml version="1.0"?><Patient xmlns="http://hl7.org/fhir"><id value="somebody-else"/></Patient>'
CDA = b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><title>Letter</title></ClinicalDocument>'


class Client:
    base = BASE

    def __init__(self, body: bytes, kind: str) -> None:
        self.body, self.kind, self.asked = body, kind, ""

    def raw(self, url: str, *_given: Any, **_more: Any) -> Reply:
        self.asked = url
        return Reply(200, httpx.Headers({"content-type": self.kind}), self.body, url)


@pytest.mark.security("S67")
@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/fhir/Binary/1", "//elsewhere.example/fhir/Binary/1", "http://ehr.example/fhir/Binary/1",
        "https://ehr.example:444/fhir/Binary/1", "https://ehr.example/admin", "/admin", "../admin",
        "Binary/../../admin", "Binary/%2e%2e/%2e%2e/admin", "Binary/%252e%252e/%252e%252e/admin",
        "Binary/..%5c..%5cadmin", "file:///etc/passwd",
        "https://ehr.example@elsewhere.example/fhir/Binary/1", "https://ehr.example.elsewhere.example/fhir/Binary/1",
    ],
)  # fmt: skip
def test_an_address_elsewhere_is_not_asked(url: str) -> None:
    client = Client(b"x", "text/plain")
    with pytest.raises(ConnectorError) as refused:
        fetch(client, url, 1000)  # type: ignore[arg-type]
    assert refused.value.fault is Fault.ADDRESS
    assert client.asked == ""


@pytest.mark.security("S20")
@pytest.mark.parametrize("url", ["Patient/somebody-else", "Observation?patient=somebody-else", "Patient/x/$everything"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PATIENT, "application/fhir+json"), (BUNDLE, "application/json"), (BUNDLE, "text/plain"),
        (PATIENT, "image/png"), (b"\xef\xbb\xbf " + PATIENT, "application/fhir+json"),
        (XML, "application/fhir+xml"), (XML, "text/xml"),
        (b"?", "application/fhir+json"),
    ],
)  # fmt: skip
def test_an_address_that_leads_to_a_chart_opens_nothing(url: str, body: bytes, kind: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        fetch(Client(body, kind), url, 1000)  # type: ignore[arg-type]
    assert refused.value.fault is Fault.ADDRESS


@pytest.mark.parametrize(
    ("url", "body", "kind", "data"),
    [
        ("Binary/1", b"%PDF", "application/pdf", b"%PDF"),
        ("https://ehr.example/fhir/Binary/1/_history/2", b"%PDF", "application/pdf", b"%PDF"),
        ("Binary/1", b'{"resourceType":"Binary","data":"aGk="}', "application/fhir+json", b"hi"),
        ("Binary/1", BUNDLE, "application/fhir+json", BUNDLE),  # a FHIR document that was kept as a Binary
        ("files/7", b"%PDF", "application/pdf", b"%PDF"),
        ("files/7", CDA, "text/xml", CDA),
        ("files/7", b'{"a": 1}', "application/json", b'{"a": 1}'),
        ("DocumentReference/7/$binary", b'{"resourceType":"Binary","data":"aGk="}', "application/fhir+json", b"hi"),
    ],
)  # fmt: skip
def test_a_document_of_this_server_opens(url: str, body: bytes, kind: str, data: bytes) -> None:
    assert fetch(Client(body, kind), url, 1000).data == data  # type: ignore[arg-type]
