#!/usr/bin/env python
"""Portico's commands."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parent
    sys.path[:0] = [str(root), str(root / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    from foundation.tenancy.commands import run

    run(sys.argv)
