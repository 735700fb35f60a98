"""Joins a schema's events into one chain: number, previous hash and hash are given by a trigger, under the head's lock.

The number is taken under the lock and the head moves in the same statement, so a rolled back event leaves no gap and two
writers never follow the same event. The functions stand in the schema of their table and act with their owner's rights:
nobody else may write the head. How an event becomes bytes is said in foundation/audit/chain.py, which verifies without
any of this. Events that are there already are numbered anew, in their order, and chained.
"""

from django.db import migrations, models

VERSION = "portico-audit-1"
FIELDS = (
    "to_char({0}at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')", "{0}kind", "{0}actor_kind",
    "{0}actor_id::text", "{0}actor_name", "{0}actor_role", "{0}on_behalf_of::text", "{0}patient_id::text",
    "{0}target_type", "{0}target_id", "{0}outcome", "{0}reason", "{0}item_count::text", "{0}request_id",
    "{0}address::text", "{0}agent",
)  # fmt: skip


def field(value):
    return f"coalesce(octet_length({value})::text || ':' || {value} || ',', '~,')"


def body(prefix):
    return " || ".join(field(value.format(prefix)) for value in FIELDS)


def digest(schema, sequence, previous, rest):
    begin = field(f"'{VERSION}'")
    return (
        f"sha256(convert_to({begin} || {field(schema)} || {field(f'({sequence})::text')} || "
        f"'64:' || encode({previous}, 'hex') || ',' || {rest}, 'UTF8'))"
    )


CHAIN = """
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = {path} AS $body$
DECLARE
    place text := TG_TABLE_SCHEMA;
    rest text := {rest};
BEGIN
    UPDATE audit_head SET sequence = sequence + 1, previous = hash, hash = {digest} WHERE id = 1
        RETURNING sequence, previous, hash INTO NEW.id, NEW.previous_hash, NEW.hash;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'The chain of the audit record has lost its head.';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER audit_chain BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_chain();
"""
# Old events may go when their years are over: by the table's owner, who says so (foundation.audit.retention).
REFUSE = """
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('portico.audit_retention', true) = 'on' AND current_user = (
        SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = TG_RELID
    ) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The audit record is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$body$;
"""
EXISTING = """
DO $body$
DECLARE
    old audit_event%ROWTYPE;
    place text := current_schema();
    here bigint := 0;
    before bytea := decode(repeat('00', 32), 'hex');
    last bytea := before;
BEGIN
    FOR old IN SELECT * FROM audit_event ORDER BY id LOOP
        here := here + 1;
        before := last;
        last := {digest};
        UPDATE audit_event SET id = here, previous_hash = before, hash = last WHERE id = old.id;
    END LOOP;
    INSERT INTO audit_head (id, sequence, hash, previous) VALUES (1, here, last, before);
    INSERT INTO audit_verified (id, sequence, round_at, anchored) VALUES (1, 0, 0, 0);
END
$body$;
"""


def forward(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        path = f"{cursor.fetchone()[0]}, pg_temp"
        rest, old = body("NEW."), body("old.")
        chain = CHAIN.format(path=path, rest=rest, digest=digest("place", "sequence + 1", "hash", "rest"))
        for statement in (
            "ALTER TABLE audit_event DISABLE TRIGGER audit_append_only",
            EXISTING.format(digest=digest("place", "here", "before", old)),
            "ALTER TABLE audit_event ENABLE TRIGGER audit_append_only",
            "ALTER TABLE audit_head SET (fillfactor = 10)",
            REFUSE,
            chain,
        ):
            cursor.execute(statement)


def backward(apps, schema_editor):
    schema_editor.execute("DROP TRIGGER audit_chain ON audit_event")
    schema_editor.execute("DROP FUNCTION audit_chain()")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField()),
                ("hash", models.BinaryField()),
                ("previous", models.BinaryField()),
            ],
            options={
                "db_table": "audit_head",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_one_head")],
            },
        ),
        migrations.CreateModel(
            name="AuditCheckpoint",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField()),
                ("removed", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
                ("signed", models.TextField()),
            ],
            options={"db_table": "audit_checkpoint"},
        ),
        migrations.CreateModel(
            name="AuditVerified",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField(default=0)),
                ("hash", models.BinaryField(null=True)),
                ("round_at", models.BigIntegerField(default=0)),
                ("checked_at", models.DateTimeField(null=True)),
                ("whole_at", models.DateTimeField(null=True)),
                ("anchored_at", models.DateTimeField(null=True)),
                ("anchored", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "audit_verified",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_one_verified")],
            },
        ),
        migrations.RunPython(forward, backward),
    ]
