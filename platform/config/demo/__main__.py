"""`python -m config.demo ehr` serves the sandbox EHRs, `python -m config.demo seed` fills the demo."""

import argparse
import os
import sys


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    ehr = parts.add_parser("ehr", help="serve the sandbox EHRs until Ctrl-C")
    ehr.add_argument("--hospital", choices=("mercy", "riverside"), help="only this one's")
    ehr.add_argument("--port", type=int, help="with --hospital: listen here")
    parts.add_parser("seed", help="make the demo's hospitals and people, and read their records")
    chosen = parser.parse_args()
    if chosen.part == "ehr":
        serve_ehrs(chosen.hospital, chosen.port)
    else:
        seed_demo()


def serve_ehrs(only: str | None, port: int | None) -> None:
    from config.demo.sandbox import SLUGS, sandbox_of
    from config.demo.serving import serve

    serve([sandbox_of(slug, port) for slug in ([only] if only else SLUGS)])


def seed_demo() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    os.environ.setdefault("PORTICO_LOG_LEVEL", "WARNING")  # the lines are for the person at the terminal
    import django

    django.setup()
    from django.core.management import CommandError

    from config.demo.seed import seed

    try:
        seed()
    except CommandError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
