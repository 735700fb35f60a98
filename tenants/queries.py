"""Reads of `public` about hospitals. They enter `public` by themselves and go back."""

from __future__ import annotations

from foundation.tenancy import HospitalRecord, inside_public
from tenants.hosts import HostCache, generation
from tenants.models import Domain, Hospital


def _load(host: str) -> HospitalRecord | None:
    with inside_public():
        domain = Domain.objects.select_related("tenant").filter(domain=host).first()
        return _record(domain.tenant) if domain else None


def _record(hospital: Hospital) -> HospitalRecord:
    primary = Domain.objects.filter(tenant=hospital, is_primary=True).values_list("domain", flat=True).first()
    return hospital.record(primary or "")


hosts = HostCache(_load, generation)


def hospital_for_host(host: str) -> HospitalRecord | None:
    """The hospital of this host (lower case, no port), whatever its status; None where there is none."""
    return hosts.find(host)


def hospital_by_slug(slug: str) -> HospitalRecord | None:
    with inside_public():
        hospital = Hospital.objects.filter(slug=slug).first()
        return _record(hospital) if hospital else None


def hospital_by_schema(schema_name: str) -> HospitalRecord | None:
    with inside_public():
        hospital = Hospital.objects.filter(schema_name=schema_name).first()
        return _record(hospital) if hospital else None


def hospital_for_tasks(schema_name: str) -> HospitalRecord | None:
    """The hospital whose tasks may run: one that is suspended or closed has none (S12)."""
    found = hospital_by_schema(schema_name)
    return found if found and found.status in {Hospital.Status.LIVE, Hospital.Status.ONBOARDING} else None


def all_hospitals() -> list[HospitalRecord]:
    """Every hospital, by slug, in two statements."""
    with inside_public():
        primary = dict(Domain.objects.filter(is_primary=True).values_list("tenant_id", "domain"))
        return [h.record(primary.get(h.id, "")) for h in Hospital.objects.order_by("slug")]


def live_hospitals() -> list[HospitalRecord]:
    """Those whose background work runs."""
    return [h for h in all_hospitals() if h.status in {Hospital.Status.LIVE, Hospital.Status.ONBOARDING}]
