"""Where work stands: nothing but `inside()` moves a connection, and nothing but the host chooses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.rules import Rule, Source, attributes, either, named, texts

PLACE = re.compile(r"^(hospital|tenant)$", re.IGNORECASE)


def with_a_hospital(source: Source) -> Iterator[ast.AST]:
    """`with hospital:` and `with request.hospital:`, by the name of what is entered."""
    for node in source.nodes:
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                entered = item.context_expr
                name = entered.attr if isinstance(entered, ast.Attribute) else getattr(entered, "id", "")
                if PLACE.match(name):
                    yield entered


RULES = [
    Rule(
        ("P5",),
        "tenant_context and schema_context end in public, and as decorators share one state: use inside().",
        either(
            named(
                "django_tenants.utils.tenant_context", "django_tenants.utils.schema_context", "tenant_schemas_celery"
            ),
            attributes("tenant_context", "schema_context"),
        ),
        planted=(
            "from django_tenants.utils import schema_context\n@schema_context('a')\ndef f(): ...",
            "import django_tenants.utils\nwith django_tenants.utils.tenant_context(h): ...",
            "from django_tenants import utils as u\nwith u.tenant_context(h): ...",
        ),
        fine=("from foundation.tenancy import inside\nwith inside(hospital): ...",),
    ),
    Rule(
        ("P4",),
        "`with hospital:` keeps one stack for all threads: use inside(hospital).",
        with_a_hospital,
        planted=("with hospital: ...", "with request.hospital: ...", "with tenant as t: ..."),
        fine=("with inside(hospital): ...", "with open_trail(), inside(tenant): ..."),
    ),
    Rule(
        ("P21",),
        "the connection is moved by inside() alone: what sets a tenant by hand stays there after an error.",
        either(
            attributes("set_tenant", "set_schema", "set_schema_to_public", "set_search_path"),
            named("foundation.tenancy.stand"),
        ),
        planted=(
            "from django.db import connection\nconnection.set_schema('h_b')",
            "connection.set_tenant(other)",
            "from foundation.tenancy import stand\nstand(other)",
            "from foundation import tenancy\ntenancy.stand(other)",
        ),
        fine=("with inside(hospital): pass", "understand(1)"),
        allowed={
            "platform/foundation/tenancy": "inside() is made of it",
            "platform/foundation/tasks.py": "a worker ends each task in nothing",
            "platform/config/bench/databases.py": "moves to a database of its own before anything stands",
            "tenants/middleware.py": "a stream keeps its hospital until it is closed",
        },
    ),
    Rule(
        ("P7",),
        "the Site framework keeps one domain a process: a hospital's primary domain is tenants'.",
        either(named("django.contrib.sites"), texts("django.contrib.sites")),
        planted=(
            "from django.contrib.sites.shortcuts import get_current_site",
            "INSTALLED_APPS = ['django.contrib.sites']",
        ),
        fine=("from wagtail.models import Site",),
        allowed={"platform/portal/accounts/checks.py": "the system check that refuses it"},
    ),
    Rule(
        ("P13",),
        "no header but Host chooses a hospital.",
        texts("X-Forwarded-Host", "X_FORWARDED_HOST", "X-Original-Host", "X_ORIGINAL_HOST", "HTTP_FORWARDED"),
        planted=("host = request.META['HTTP_X_FORWARDED_HOST']", "request.headers.get('X-Original-Host')"),
        fine=("request.headers.get('X-Forwarded-For')",),
        allowed={"platform/console/walls.py": "sends them, to see that nobody listens"},
    ),
    Rule(
        ("P12", "P24", "P31"),
        "the library's loaders, commands and log filter read the connection where it may be another's.",
        named(
            "django_tenants.template",
            "django_tenants.management",
            "django_tenants.log",
            "django_tenants.middleware",
            "django_tenants.staticfiles",
            "django_tenants.cache",
        ),
        planted=(
            "from django_tenants.management.commands import TenantWrappedCommand",
            "from django_tenants.log import TenantContextFilter",
            "from django_tenants.template.loaders.cached import Loader",
        ),
    ),
    Rule(
        ("P25",),
        "the library's storage is chosen when it is made, not when it is used: files go through foundation.storage.",
        named(
            "django.core.files.storage.default_storage",
            "django.core.files.storage.FileSystemStorage",
            "django.core.files.storage.storages",
            "django.conf.settings.MEDIA_ROOT",
            "django.conf.settings.MEDIA_URL",
            "django_tenants.files",
            "storages",
        ),
        planted=(
            "from django.core.files.storage import default_storage\ndefault_storage.save('x', f)",
            "from django.core.files import storage\nstorage.FileSystemStorage('/tmp')",
            "from django.conf import settings\nsettings.MEDIA_ROOT / 'x'",
        ),
        fine=("from foundation.storage import hospital_files",),
        allowed={"platform/foundation/storage.py": "the one place"},
    ),
    Rule(
        ("P28", "P29"),
        "a schema is dropped by tenants.actions, which dumps it first; rows of public are tenants' alone.",
        either(
            attributes("force_drop"),
            named("django_tenants.utils.get_tenant_model", "django_tenants.models.DomainMixin"),
        ),
        planted=(
            "hospital.delete(force_drop=True) or hospital.force_drop",
            "from django_tenants.utils import get_tenant_model\nget_tenant_model().objects.all()",
        ),
        allowed={"tenants/models.py": "the models of hospitals and domains stand on the library's"},
    ),
]
