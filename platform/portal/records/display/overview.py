"""The kinds of things in a record, with how many there are."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.records.queries.chart import Overview
from portal.records.words import Words, kind_words


@dataclass(frozen=True, slots=True)
class Kind:
    icon: str
    title: Words
    url: str
    count: int


def kinds_of(found: Overview) -> tuple[tuple[Kind, ...], tuple[Kind, ...]]:
    """The kinds that everybody knows, always; and those that are rare, where there is any."""
    lists = (
        ("medicine", _("Medicines"), "medications", found.medications),
        ("allergy", _("Allergies"), "allergies", found.allergies),
        ("condition", _("Health problems"), "conditions", found.conditions),
        ("vaccine", _("Vaccines"), "immunizations", found.immunizations),
        ("procedure", _("Procedures"), "procedures", found.procedures),
        ("document", _("Documents"), "documents", found.documents),
        ("team", _("Care team"), "care-team", found.care_team),
    )
    main = (
        Kind("result", _("Test results"), reverse("records:results"), found.results),
        Kind("vitals", _("Vital signs"), reverse("records:vitals"), found.vitals),
        *(Kind(icon, title, reverse("records:list", args=[slug]), count) for icon, title, slug, count in lists),
        Kind("visits", _("Visits"), reverse("records:visits"), found.visits),
    )
    rare = tuple(
        Kind("records", kind_words(kind), reverse("records:others", args=[kind]), count)
        for kind, count in found.other.items()
    )
    return main, rare
