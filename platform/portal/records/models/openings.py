"""Which results a person has opened: what makes a result new, and what "You opened it" rests on."""

from django.conf import settings
from django.db import models

from foundation.clock import now, uuid7


class Opening(models.Model):
    """The first time that a person opened a result or a report. Kept when the row itself is made anew."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    patient = models.ForeignKey("access.Patient", on_delete=models.CASCADE, related_name="+")
    item_id = models.UUIDField()
    opened_at = models.DateTimeField(default=now)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["user", "item_id"], name="records_opening_once"),)

    def __str__(self) -> str:
        return f"{self.item_id} opened"
