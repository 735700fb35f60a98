"""Problems, medicines, allergies, vaccines, visits, papers, procedures, the care team, and all the rest."""

from django.db import models

from portal.records.models.base import Projection


def _by_day(name: str) -> tuple[models.Index, ...]:
    """The order in which every list is read: one patient's, newest first."""
    return (models.Index(fields=["patient", "-sort_day"], name=f"records_{name}_by_day"),)


class Condition(Projection):
    active = models.BooleanField(default=True)

    class Meta(Projection.Meta):
        indexes = _by_day("condition")


class Medication(Projection):
    active = models.BooleanField(default=True)
    dosage = models.TextField(blank=True)

    class Meta(Projection.Meta):
        indexes = _by_day("medication")


class Allergy(Projection):
    active = models.BooleanField(default=True)
    serious = models.BooleanField(default=False)
    reaction = models.TextField(blank=True)

    class Meta(Projection.Meta):
        indexes = _by_day("allergy")


class Immunization(Projection):
    given = models.BooleanField(default=True)

    class Meta(Projection.Meta):
        indexes = _by_day("immunization")


class Visit(Projection):
    """An Encounter or an Appointment. `booking_id` is the Appointment that became this Encounter."""

    planned = models.BooleanField(default=False)
    booking_id = models.UUIDField(null=True)
    place = models.TextField(blank=True)
    with_whom = models.TextField(blank=True)
    reason = models.TextField(blank=True)

    class Meta(Projection.Meta):
        indexes = (models.Index(fields=["patient", "-sort_at"], name="records_visit_by_time"),)


class Document(Projection):
    author = models.TextField(blank=True)
    visit_id = models.UUIDField(null=True)

    class Meta(Projection.Meta):
        indexes = _by_day("document")


class Procedure(Projection):
    visit_id = models.UUIDField(null=True)

    class Meta(Projection.Meta):
        indexes = _by_day("procedure")


class CareTeamMember(Projection):
    role = models.TextField(blank=True)
    team = models.TextField(blank=True)
    active = models.BooleanField(default=True)

    class Meta(Projection.Meta):
        indexes = _by_day("careteam")


class OtherItem(Projection):
    """Every other type of R4's patient compartment. `kind` is the resource's type."""

    kind = models.CharField(max_length=60)

    class Meta(Projection.Meta):
        indexes = (models.Index(fields=["patient", "kind", "-sort_day"], name="records_other_by_day"),)
