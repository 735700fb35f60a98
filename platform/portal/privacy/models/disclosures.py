"""What the hospital gave out by other ways than this portal, written down for the accounting (45 CFR 164.528(b))."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now, uuid7


class Disclosure(models.Model):
    """Date, who got it and where they are, what it was in a few words, and why: the contents that the rule asks for."""

    class Purpose(models.TextChoices):
        LAW = "law", _("A law asks for it")
        HEALTH_AGENCY = "public_health", _("Public health, such as a disease that must be reported")
        ABUSE = "abuse", _("To protect somebody from abuse or neglect")
        OVERSIGHT = "oversight", _("An agency that checks hospitals")
        COURT = "court", _("A court or a legal case")
        POLICE = "police", _("The police, or others who enforce the law")
        DEATH = "death", _("After a death: a coroner or a funeral home")
        DONATION = "donation", _("Organ or tissue donation")
        RESEARCH = "research", _("Research")
        DANGER = "danger", _("To prevent a serious danger")
        STATE = "government", _("The armed forces, or the safety of the country")
        WORK = "workers_compensation", _("Workers’ compensation")
        MISTAKE = "mistake", _("A mistake: it went to somebody who should not have it")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey("access.Patient", on_delete=models.CASCADE, related_name="+", db_index=False)
    made_on = models.DateField()
    recipient = models.CharField(max_length=200)
    recipient_address = models.CharField(max_length=300, blank=True)
    what = models.CharField(max_length=300)
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    why = models.CharField(max_length=300, blank=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+",
                                 db_index=False)  # fmt: skip
    noted_at = models.DateTimeField(default=now)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=["patient", "-made_on"], name="privacy_disclosure_patient"),)

    def __str__(self) -> str:
        return f"disclosure {self.id}"
