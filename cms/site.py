"""The first site of a new hospital: its own host, in the place of the library's welcome page on `localhost`."""

from foundation.audit import Actor
from foundation.tenancy import HospitalRecord


def make_site(*, by: Actor, hospital: HospitalRecord, brand: str) -> None:
    """Runs in the new schema, in the transaction that makes it."""
    from wagtail.models import Page, Site

    Site.objects.filter(is_default_site=True).update(hostname=hospital.host, site_name=hospital.name)
    Page.objects.filter(depth=2, slug="home").update(title=hospital.name, draft_title=hospital.name)
