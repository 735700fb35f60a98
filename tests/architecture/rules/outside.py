"""What leaves the process and comes into it: network, mail, files, signed values, XML."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.rules import Rule, Source, calls_of, either, named

METHODS = {"read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "rename", "symlink_to"}
FUNCTIONS = ("os.remove", "os.unlink", "os.open", "shutil.", "tempfile.", "io.open")


def loose_ends(source: Source) -> Iterator[ast.AST]:
    """A pattern that ends in `$` and not in `\\Z`."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and source.dotted(node.func).startswith(("re.", "django.core.validators.Regex")):
            if len(node.args) + len(node.keywords) > 1 and "MULTILINE" in ast.unparse(node):
                continue
            text = node.args[0] if node.args else None
            given = text.value if isinstance(text, ast.Constant) else None
            given = given.decode("latin-1") if isinstance(given, bytes) else given
            if isinstance(given, str) and given.endswith("$") and not given.endswith("\\$"):
                yield node


def files(source: Source) -> Iterator[ast.AST]:
    """open(...), os.remove(...), path.read_text(...): files that no store of ours looks after."""
    for node in source.nodes:
        if isinstance(node, ast.Call):
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            function = source.dotted(node.func)
            if method in METHODS or function == "open" or function.startswith(FUNCTIONS):
                yield node


RULES = [
    Rule(
        ("S67",),
        "requests to other machines go through foundation.outbound, which looks at every address first.",
        named(
            "requests",
            "urllib.request",
            "urllib3",
            "http.client",
            "socket",
            "httpx",
            "httpcore",
            "aiohttp",
            "ftplib",
            "telnetlib",
            "smtplib",
            "imaplib",
            "xmlrpc",
            "websockets",
            "boto3",
            "botocore",
            "stripe",
        ),
        planted=(
            "import requests\nrequests.get(url)",
            "from urllib.request import urlopen",
            "import socket\nsocket.create_connection((host, 80))",
            "import http.client",
            "import httpx\nhttpx.get(url)",
        ),
        fine=("from urllib.parse import urlsplit", "from foundation.outbound import OutboundClient"),
        allowed={
            "platform/foundation/outbound": "the one place",
            "platform/foundation/audit/anchors/s3.py": "the chain's head in AWS, at an address of the settings",
            "platform/foundation/crypto/kms.py": "keys in AWS, at an address of the settings",
            "platform/console/walls.py": "asks the portal itself, to look at its walls",
            "platform/config/demo": "asks the sandbox EHR of this machine",
            "platform/config/bench": "asks the portal of this machine",
            "platform/config/runner": "looks for free ports of this machine",
        },
    ),
    Rule(
        ("S63",),
        "mail is sent by the modules that hold names, links and kinds of alarms alone.",
        named("django.core.mail", "smtplib", "email.mime", "email.message"),
        planted=(
            "from django.core.mail import send_mail\nsend_mail('x', result.value, None, [to])",
            "from django.core import mail\nmail.EmailMessage('x')",
        ),
        fine=("from portal.accounts.mail import send_link", "from email.utils import formataddr"),
        allowed={
            "platform/portal/accounts/mail.py": "names and links",
            "platform/foundation/audit/mail.py": "alarms: kinds and ids",
            "platform/foundation/outbound/mail.py": "the connection to the mail server",
            "platform/config/demo/mail.py": "shows the mails of the demo",
        },
    ),
    Rule(
        ("P16",),
        "signed values carry the schema in their salt: sign with foundation.tenancy.signing.",
        either(
            named(
                "django.core.signing",
                "django.contrib.auth.tokens",
                "itsdangerous",
                "django.contrib.sessions.backends.signed_cookies",
            ),
            calls_of("get_signed_cookie", "set_signed_cookie"),
        ),
        planted=(
            "from django.core import signing\nsigning.dumps({'pk': 1})",
            "from django.core.signing import TimestampSigner\nTimestampSigner().sign('x')",
            "from django.contrib.auth.tokens import default_token_generator",
            "response.set_signed_cookie('x', 'y')",
        ),
        fine=("from foundation.tenancy import signing\nsigning.dumps(1, purpose='x')",),
        allowed={
            "platform/foundation/tenancy/signing.py": "puts the schema in",
            "platform/foundation/tasks.py": "signs the schema itself",
        },
    ),
    Rule(
        ("S10",),
        "the portal opens no file by a path: foundation.storage gives each hospital's, under names nobody guesses.",
        files,
        planted=(
            "open(request.GET['file'])",
            "Path(name).read_text()",
            "import shutil\nshutil.copy(a, b)",
            "import tempfile\ntempfile.NamedTemporaryFile()",
        ),
        fine=("hospital_files().open(key)", "webbrowser.open"),
        allowed={
            "platform/config": "settings, runner, demo and measurements: no request reaches them",
            "platform/foundation/storage.py": "the one place",
            "platform/foundation/audit/anchors/file.py": "the chain's head in the demo, in a folder of the settings",
            "platform/foundation/crypto/keyfile.py": "the keys of demo and tests, in a folder of the settings",
            "platform/portal/ehr/commands/connect.py": "a key file that the operator names at the terminal",
            "platform/portal/personal/copying/job.py": "a copy while it is made, before the store takes it",
            "platform/portal/records/names/__init__.py": "a list of ours in the package",
            "platform/portal/records/pdf/engine.py": "the folder of fonts",
            "platform/portal/accounts/tidying.py": "old mail of the demo",
            "tenants/actions.py": "the dump of a hospital before it is deleted",
            "platform/foundation/audit/clocks.py": "looks for chronyc",
            "tenants/template.py": "looks for pg_dump",
            "themes/tooling": "puts style sheets and icons together, at the developer's",
        },
    ),
    Rule(
        ("S73",),
        "XML is read by lxml with a parser that opens nothing, in the modules named here.",
        named("xml.etree", "xml.dom", "xml.sax", "xml.parsers", "lxml", "defusedxml"),
        planted=("import xml.etree.ElementTree as ET\nET.fromstring(x)", "from lxml import etree\netree.fromstring(x)"),
        allowed={"themes/svg.py": "logos, with an allowlist"},
    ),
    Rule(
        ("S73",),
        "`$` also stands before a last line break: what is checked ends in \\Z.",
        loose_ends,
        planted=("import re\nre.compile(r'^[a-z]+$')", "import re\nre.match('a$', x)"),
        fine=(
            "import re\nre.compile(r'^[a-z]+\\Z')",
            "import re\nre.compile('x$', re.MULTILINE)",
            "re.compile(r'\\$')",
        ),
    ),
    Rule(
        ("S74",),
        "a page never shows what an error says: no traceback, no DEBUG.",
        named("traceback", "django.views.debug", "pdb", "ipdb"),
        planted=("import traceback\ntraceback.format_exc()", "from django.views.debug import technical_500_response"),
        allowed={"platform/foundation/logs.py": "places of the code, never words"},
    ),
]
