"""Bundles of a search, page after page: next links checked, loops and lost pages noticed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from portal.ehr.connectors.fhir_r4.client import Answer, FhirClient
from portal.ehr.errors import ConnectorError, Fault

MAX_PAGES = 2_000
type Params = Sequence[tuple[str, str]]


@dataclass(slots=True)
class Page:
    """One page: resources that match, others that came along, and outcomes."""

    as_of: str
    matches: list[Any] = field(default_factory=list)
    others: list[Any] = field(default_factory=list)
    outcomes: list[Any] = field(default_factory=list)
    bases: frozenset[str] = frozenset()
    total: int | None = None
    used: frozenset[str] | None = None


def pages(client: FhirClient, kind: str, params: Params) -> Iterator[Page]:
    """Every page of a search. Raises ConnectorError as soon as the end cannot be reached, after the pages so far."""
    answer = client.get(kind, params)
    asked = {answer.url}
    seen: set[str] = set()
    count = 0
    for _number in range(MAX_PAGES):
        page = read_page(answer)
        fresh = {_name(entry) for entry in page.matches} - seen
        seen |= fresh
        count += len(page.matches)
        yield page
        onward = _next(client, answer)
        if onward is None:
            yield from _beyond(client, kind, params, page, seen, count)
            return
        if onward in asked or (page.matches and not fresh):
            raise ConnectorError(Fault.PAGING, "The next links go round in circles.", permanent=True)
        asked.add(onward)
        answer = client.get(onward)
    raise ConnectorError(Fault.PAGING, f"More than {MAX_PAGES} pages.", permanent=True)


def all_pages(client: FhirClient, kind: str, params: Params = (), size: str = "250") -> Iterator[Page]:
    """The same, in pages of our size; of the server's where it will not be told."""
    started = False
    try:
        for page in pages(client, kind, [*params, ("_count", size)]):
            started = True
            yield page
    except ConnectorError as error:
        if started or error.fault is not Fault.REFUSED:
            raise
        yield from pages(client, kind, params)


def read_page(answer: Answer) -> Page:
    """The entries by their role. Raises ConnectorError(GARBAGE) where the answer is no searchset."""
    body = answer.body
    if body.get("resourceType") != "Bundle":
        raise ConnectorError(Fault.GARBAGE, f"A {str(body.get('resourceType'))[:40]} came in place of a Bundle.")
    entries = body.get("entry", [])
    if not isinstance(entries, list):
        raise ConnectorError(Fault.GARBAGE, "The entries of the Bundle are no list.")
    total = body.get("total")
    page = Page(answer.as_of, total=total if isinstance(total, int) else None, used=_used(body))
    bases = set()
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        search = entry.get("search")
        mode = search.get("mode") if isinstance(search, dict) else None
        _place(page, resource, mode)
        bases.add(_base(entry.get("fullUrl"), resource))
    bases |= {url.split("?")[0].rpartition("/")[0] for url in _links(body, "self")}
    page.bases = frozenset(bases - {""})
    return page


def _place(page: Page, resource: dict[str, Any], mode: Any) -> None:
    if mode == "outcome" or resource.get("resourceType") == "OperationOutcome":
        page.outcomes.append(resource)
    elif mode == "include":
        page.others.append(resource)
    else:
        page.matches.append(resource)


def _base(full_url: Any, resource: dict[str, Any]) -> str:
    tail = f"/{resource.get('resourceType')}/{resource.get('id')}"
    return full_url.removesuffix(tail) if isinstance(full_url, str) and full_url.endswith(tail) else ""


def _used(body: dict[str, Any]) -> frozenset[str] | None:
    """Names of the parameters that the server says it used (R4, 3.1.1.5.1 "self"); None where it does not say."""
    for url in _links(body, "self"):
        names = frozenset(name.split(":")[0] for name, _value in parse_qsl(urlsplit(url).query))
        return names or None
    return None


def _links(body: dict[str, Any], relation: str) -> Iterator[str]:
    links = body.get("link")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == relation and isinstance(link.get("url"), str):
            yield link["url"]


def _next(client: FhirClient, answer: Answer) -> str | None:
    """Where the next page is, always at the server we asked.

    A server behind a proxy may name itself by an inner address: the link's path is then asked for at the address we
    know. Another host is never contacted.
    """
    for url in _links(answer.body, "next"):
        target = urljoin(answer.url, url)
        parts, own = urlsplit(target), urlsplit(client.base)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return target
        if parts.scheme in {"http", "https"} and (parts.path == own.path or parts.path.startswith(own.path + "/")):
            return f"{client.origin}{parts.path}?{parts.query}"
        raise ConnectorError(Fault.PAGING, "A next link leads to another server.", permanent=True)
    return None


def _name(resource: dict[str, Any]) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def _beyond(client: FhirClient, kind: str, params: Params, last: Page, seen: set[str], count: int) -> Iterator[Page]:
    """Pages of a server that gives no next links though there is more: by `_offset`, or an error."""
    wanted = next((int(value) for name, value in params if name == "_count"), 0)
    known = last.total is not None
    while (known and count < (last.total or 0)) or (not known and wanted and len(last.matches) >= wanted):
        try:
            page = read_page(client.get(kind, [*params, ("_offset", str(count))]))
        except ConnectorError as error:
            if known or error.fault is not Fault.REFUSED:
                raise ConnectorError(Fault.INCOMPLETE, "There are more pages, but no link to them.") from error
            return
        fresh = {_name(entry) for entry in page.matches} - seen
        if not fresh:
            if known and page.matches:
                raise ConnectorError(Fault.INCOMPLETE, "There are more pages, but no link to them.")
            return
        seen |= fresh
        count += len(page.matches)
        last = page
        yield page
