from django.db import migrations, models

import foundation.clock


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_chain")]
    operations = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "id",
                    models.UUIDField(default=foundation.clock.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=60)),
                ("target", models.CharField(blank=True, max_length=120)),
                ("detail", models.CharField(blank=True, max_length=200)),
                ("count", models.IntegerField(default=1)),
                ("first_at", models.DateTimeField(default=foundation.clock.now)),
                ("last_at", models.DateTimeField(default=foundation.clock.now)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
                ("closed_by_name", models.CharField(blank=True, max_length=150)),
                ("note", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "db_table": "audit_alarm",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)), fields=("kind", "target"), name="audit_alarm_open"
                    )
                ],
            },
        ),
    ]
