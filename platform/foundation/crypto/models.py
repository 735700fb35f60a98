"""The keys' own tables, in `public` and in each hospital. No key stands here in the clear. `datakeys` writes them."""

from django.db import models
from django.db.models import Q

from foundation import clock


class RootKey(models.Model):
    """Which key of the key store is this schema's. Made with the first secret; a destroyed one is not followed."""

    class State(models.TextChoices):
        ACTIVE = "active"
        DESTROYED = "destroyed"

    id = models.BigAutoField(primary_key=True)
    store = models.CharField(max_length=20)
    key_id = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(default=clock.now)
    rotated_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["state"], condition=Q(state="active"), name="crypto_one_root"),)

    def __str__(self) -> str:
        return self.key_id


class DataKey(models.Model):
    """A wrapped data key. The current one seals; an old one opens what is being sealed anew; a retired one rests."""

    class State(models.TextChoices):
        CURRENT = "current"
        OLD = "old"
        RETIRED = "retired"
        DESTROYED = "destroyed"

    id = models.BigAutoField(primary_key=True)
    table_name = models.CharField(max_length=63)
    column_name = models.CharField(max_length=63)
    version = models.IntegerField()
    key_id = models.CharField(max_length=200)
    wrapped = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.CURRENT)
    created_at = models.DateTimeField(default=clock.now)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["table_name", "column_name", "version"], name="crypto_version"),
            models.UniqueConstraint(
                fields=["table_name", "column_name"], condition=Q(state="current"), name="crypto_one_current"
            ),
        )

    def __str__(self) -> str:
        return f"{self.table_name}.{self.column_name} {self.version}"
