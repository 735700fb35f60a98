"""No pattern of ours hangs on a long text (ReDoS): each is tried on a corpus, with limited processor time."""

from __future__ import annotations

import json

import pytest

from tests.limits import within

TRY = r"""
import importlib, json, pkgutil, re
PACKAGES = ("foundation", "portal", "console", "tenants", "themes", "cms")
for top in PACKAGES:
    for found in pkgutil.walk_packages(importlib.import_module(top).__path__, top + "."):
        if not {"migrations", "commands", "tooling", "management"} & set(found.name.split(".")):
            importlib.import_module(found.name)
patterns = {PLANTED}
for name, module in sorted(sys.modules.items()):
    if name.split(".")[0] in PACKAGES:
        for variable, value in vars(module).items():
            if isinstance(value, re.Pattern):
                patterns.setdefault((value.pattern, value.flags), name + "." + variable)
SEEDS = ["a", "A", "1", " ", "\t", "\n", "-", ".", "0.", "\\", "(", "[", "<", "%", "/", "a ", "1 ", "1,", "a-", "a.",
         "1-1-", "2020-01-01T", "PT1H", "\u00e9", "//", "&", "#", "x=", "\0", '"', "' ", "a@", ":", "=", "+", "1e",
         "< ", "><", "<a ", "{", "{{", "%(", "\\u0000", "\r\n", "url(#", "data:", "h_"]
for (pattern, flags), name in patterns.items():
    tried = re.compile(pattern, flags)
    print(json.dumps(name), flush=True)
    for seed in SEEDS:
        for tail in ("", "!", "\0", "\u00e9\n"):
            text = seed * (10_000 // len(seed)) + tail
            given = text.encode() if isinstance(pattern, bytes) else text
            tried.match(given), tried.search(given), tried.fullmatch(given)
print(json.dumps(len(patterns)))
"""


@pytest.mark.security("S73")
def test_no_pattern_hangs_on_a_long_text() -> None:
    done = within(TRY.replace("PLANTED", ""), seconds=20)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"{lines[-1:]} {done.stderr[-1000:]}"
    assert lines[-1] > 20


@pytest.mark.security("S73")
@pytest.mark.parametrize("planted", [r"^(a+)+\Z", r"^(\d+\.?)+\Z"])
def test_a_pattern_that_hangs_is_found(planted: str) -> None:
    done = within(TRY.replace("PLANTED", f"({planted!r}, 0): 'planted'"), seconds=2)
    assert done.returncode != 0
    assert json.loads(done.stdout.splitlines()[-1]) == "planted"
