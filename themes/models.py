"""The brand of one hospital: a row of typed values. No style sheet and no HTML of its own is ever kept (S69)."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock

DEFAULT_COLOR = "#005eb8"
HEX = r"^#[0-9a-f]{6}\Z"
PHONE = r"^\+?[0-9(][0-9() .-]{1,24}\Z"
EMERGENCY = r"^[0-9]{2,6}\Z"


class Corner(models.TextChoices):
    SQUARE = "square", _("Square")
    SOFT = "soft", _("Soft")
    ROUND = "round", _("Round")


class Motif(models.TextChoices):
    """The drawing beside the greeting. A closed list: the drawings are ours."""

    PLAIN = "plain", _("Plain")
    ARCHES = "arches", _("Arches")
    WAVES = "waves", _("Waves")
    HILLS = "hills", _("Hills")


class Brand(models.Model):
    """One row a hospital. `names` and `hours` are texts by language code; where one is missing, English stands in."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    brand_color = models.CharField(max_length=7, default=DEFAULT_COLOR, validators=[RegexValidator(HEX)])
    corner = models.CharField(max_length=6, choices=Corner, default=Corner.SOFT)
    motif = models.CharField(max_length=10, choices=Motif, default=Motif.PLAIN)
    symbol_svg = models.TextField(blank=True)
    names = models.JSONField(default=dict, blank=True)
    phone = models.CharField(max_length=26, blank=True, validators=[RegexValidator(PHONE)])
    hours = models.JSONField(default=dict, blank=True)
    emergency = models.CharField(max_length=6, default="911", validators=[RegexValidator(EMERGENCY)])
    interpreters = models.BooleanField(default=True)
    security_contact = models.EmailField(blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.CheckConstraint(name="themes_brand_one_row", condition=models.Q(id=1)),
            models.CheckConstraint(name="themes_brand_color", condition=models.Q(brand_color__regex=r"^#[0-9a-f]{6}$")),
        )

    def __str__(self) -> str:
        return f"{self.brand_color} {self.corner}"
