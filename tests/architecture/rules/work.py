"""Work beside the request: threads, executors, tasks, and what travels with them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.rules import Rule, Source, attributes, calls_of, either, named

UNTYPED = (
    "pickle",
    "cPickle",
    "_pickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "jsonpickle",
    "yaml.load",
    "yaml.unsafe_load",
)


def coroutines(source: Source) -> Iterator[ast.AST]:
    yield from (node for node in source.nodes if isinstance(node, ast.AsyncFunctionDef | ast.Await))


RULES = [
    Rule(
        ("P18",),
        "a thread, a pool or a coroutine stands in no hospital: use a task, or enter with inside() in it.",
        either(
            named(
                "threading.Thread",
                "threading.Timer",
                "_thread",
                "concurrent.futures.ThreadPoolExecutor",
                "concurrent.futures.ProcessPoolExecutor",
                "multiprocessing",
                "asgiref.sync",
                "asyncio.to_thread",
                "asyncio.run",
                "asyncio.get_event_loop",
                "gevent",
                "eventlet",
                "channels",
            ),
            attributes("run_in_executor"),
            coroutines,
        ),
        planted=(
            "import threading\nthreading.Thread(target=f).start()",
            "from threading import Timer\nTimer(1, f)",
            "from concurrent.futures import ThreadPoolExecutor as Pool\nPool(4)",
            "from asgiref.sync import sync_to_async\nsync_to_async(f)",
            "import asyncio\nasyncio.to_thread(f)",
            "from multiprocessing import Process",
            "async def view(request): return 1",
            "loop.run_in_executor(None, f)",
        ),
        fine=("import threading\nlock = threading.Lock()\nlocal = threading.local()",),
        allowed={
            "platform/foundation/outbound/backend.py": "resolves host names: no database",
            "platform/portal/ehr/sync.py": "asks the EHR: the connector knows no database",
            "platform/config/demo": "the sandbox EHR, a process of its own",
            "platform/config/bench": "measures; drives the portal from outside",
        },
    ),
    Rule(
        ("P6",),
        "tasks are made by foundation.tasks, which signs their hospital: no bare task, and none sent past it.",
        either(
            named("celery.shared_task", "celery.Task", "celery.current_app", "celery.app"),
            calls_of("apply_async", "delay", "send_task", "apply", "s", "si"),
        ),
        planted=(
            "from celery import shared_task\n@shared_task\ndef f(): ...",
            "synchronise.delay(1)",
            "synchronise.task.apply_async(kwargs={})",
            "app.send_task('x')",
            "from celery import current_app\ncurrent_app.tasks",
        ),
        fine=("synchronise.send(hospital)", "from celery.schedules import crontab"),
        allowed={
            "platform/foundation/tasks.py": "the one place",
        },
    ),
    Rule(
        ("S73",),
        "what comes from outside is read as JSON or by a reader of ours: nothing that can make objects.",
        named(*UNTYPED, "django.core.serializers.pickle", "django.contrib.sessions.serializers.PickleSerializer"),
        planted=("import pickle\npickle.loads(x)", "from marshal import loads", "import yaml\nyaml.load(x)"),
        fine=("import json\njson.loads(x)", "import yaml\nyaml.safe_load(x)"),
    ),
    Rule(
        ("S73",),
        "eval, exec and compile run what they are given.",
        lambda source: (
            node for node in source.nodes
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            and node.func.id in {"eval", "exec", "compile", "__import__"}
        ),
        planted=("eval(request.GET['x'])", "exec(text)"),
        fine=("re.compile('x')", "cursor.execute('SELECT 1')"),
    ),
]  # fmt: skip
