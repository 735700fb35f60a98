"""What a process remembers: nothing of a hospital, unless the key holds the hospital."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.rules import Rule, Source, attributes, calls_of, either, named

EMPTY = {
    "dict",
    "list",
    "set",
    "defaultdict",
    "OrderedDict",
    "deque",
    "Counter",
    "WeakKeyDictionary",
    "WeakValueDictionary",
}
GROWS = {"append", "add", "setdefault", "update", "extend", "insert", "appendleft"}
REACHES = {
    "objects",
    "_default_manager",
    "cursor",
    "current_hospital",
    "current_schema",
    "standing",
    "request",
    "viewer",
}


def stores(source: Source) -> Iterator[ast.AST]:
    """A name of the module that begins as an empty (or small) container and that a function fills: a memo."""
    module = source.tree.body if isinstance(source.tree, ast.Module) else []
    made = {name for node in module for name in _made(node)}
    for function in source.nodes:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if _filled(node) in made:
                    yield node


def _made(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets, value = [node.target], node.value
    else:
        return
    if _is_container(value):
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _is_container(value: ast.AST) -> bool:
    if isinstance(value, ast.Dict | ast.List | ast.Set):
        return True
    return isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1].split("[")[0] in EMPTY


def _filled(node: ast.AST) -> str:
    """The name that this node puts something into: name[x] = y, name[:] = y, name.append(y)."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
        return node.value.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in GROWS:
        return node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    return ""


def globals_set(source: Source) -> Iterator[ast.AST]:
    yield from (node for node in source.nodes if isinstance(node, ast.Global))


def remembered_reading(source: Source) -> Iterator[ast.AST]:
    """A function under @remembered that names the database, the hospital or the request."""
    for function in source.nodes:
        if isinstance(function, ast.FunctionDef) and any(
            "remembered" in ast.unparse(d) for d in function.decorator_list
        ):
            for node in ast.walk(function):
                name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", getattr(node, "arg", ""))
                reads = source.imported.get(str(name), "").startswith(("django.db", "django.core.cache"))
                if name in REACHES or reads:
                    yield node


RULES = [
    Rule(
        ("S9",),
        "lru_cache and cache live as long as the process: key them by schema, or use themes.remembering.",
        named("functools.lru_cache", "functools.cache", "cachetools", "django.utils.lru_cache"),
        planted=(
            "from functools import lru_cache\n@lru_cache\ndef hospital_name(): return Site.objects.get()",
            "import functools\nf = functools.cache(lambda: connection.cursor())",
        ),
        fine=("from functools import partial",),
        allowed={
            "themes/remembering.py": "pure words and drawings; its users are looked at by the next rule",
            "platform/portal/records/pdf/engine.py": "whether a library is installed",
        },
    ),
    Rule(
        ("S9",),
        "a container of the module that functions fill is the whole process' memory: what goes in may be a hospital's.",
        either(stores, globals_set),
        planted=(
            "_names = {}\ndef name(pk):\n    _names[pk] = Patient.objects.get(pk=pk).name",
            "seen: list[str] = []\ndef look(x):\n    seen.append(x)",
            "import collections\nkept = collections.deque()\nclass A:\n    def f(self, x): kept.append(x)",
            "_last = None\ndef f(x):\n    global _last\n    _last = x",
        ),
        fine=(
            "WORDS = {'a': 1}\ndef f(x): return WORDS[x]",
            "def f():\n    found = []\n    found.append(1)\n    return found",
        ),
        allowed={
            "platform/foundation/outbound/backend.py": "the threads that resolve names",
            "platform/foundation/outbound/client.py": "the machine's certificates",
            "platform/foundation/tasks.py": "functions that tenants registers",
            "platform/foundation/audit/mail.py": "when an alarm was last told, by schema",
            "platform/foundation/crypto/stores.py": "the store of keys, which knows each hospital's by its name",
            "platform/config/bench": "measures in a process of its own",
            "platform/portal/accounts/reading.py": "the text of a statement, by kind of schema",
            "platform/portal/ehr/connectors/fhir_r4/auth.py": "tokens of EHRs, by schema and connection",
            "tenants/health.py": "when public was last seen to be migrated",
            "tenants/hosts.py": "the client of the broker, whose memory is public's",
            "themes/icons.py": "drawings of ours, by name",
            "themes/queries.py": "brands, by schema and hash",
        },
    ),
    Rule(
        ("S9",),
        "what a remembered function answers is every hospital's: it reads no row, no request and no hospital.",
        remembered_reading,
        planted=(
            "@remembered(100)\ndef name(pk): return Patient.objects.get(pk=pk).name",
            "from django.db import connection\n@remembered(9)\ndef f(x): return connection.vendor",
            "@remembered(9)\ndef f(request): return 1",
        ),
        fine=("@remembered(9)\ndef f(day, language): return day.isoformat()",),
    ),
    Rule(
        ("S9",),
        "a cached property lives as long as its object: on an object of the module that is the process' life.",
        named("functools.cached_property", "django.utils.functional.cached_property"),
        planted=("from functools import cached_property\nclass A:\n    @cached_property\n    def rows(self): ...",),
        allowed={"themes/forms.py": "the engine of the forms' templates"},
    ),
    Rule(
        ("P3",),
        "content types have other ids in each hospital: their cache belongs to foundation.database alone.",
        either(named("django.contrib.contenttypes.models.ContentTypeManager"), calls_of("clear_cache")),
        planted=(
            "from django.contrib.contenttypes.models import ContentType\nContentType.objects.clear_cache()",
            "from django.contrib.contenttypes.models import ContentTypeManager\nContentTypeManager._cache = {}",
        ),
        fine=("ContentType.objects.get_for_model(Patient)",),
        allowed={"platform/foundation/database": "keeps one store a schema"},
    ),
    Rule(
        ("P8", "P9", "P10"),
        "the cache is django.core.cache.cache, whose keys begin with the schema; no client and no key of one's own.",
        either(
            named("django.core.cache.caches", "redis", "valkey", "django_redis", "pymemcache"),
            attributes("make_key", "reverse_key_func", "key_func"),
        ),
        planted=(
            "from django.core.cache import caches\ncaches['renditions'].set('x', 1)",
            "import redis\nredis.from_url('redis://x').set('patient:1', 'x')",
            "cache.key_func = lambda *a: 'x'",
        ),
        fine=("from django.core.cache import cache\ncache.set('x', 1)",),
        allowed={
            "platform/config/runner/servers.py": "asks whether the broker is up",
            "tenants/health.py": "asks whether the broker is up",
            "tenants/hosts.py": "one number of public's: the generation of the hospitals' list",
        },
    ),
    Rule(
        ("P26",),
        "DRF's throttles count by scope and person's key: the portal's own throttle stands in accounts.",
        named("rest_framework.throttling"),
        planted=("from rest_framework.throttling import UserRateThrottle", "from rest_framework import throttling"),
    ),
]
