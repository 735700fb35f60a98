"""`python -m config.demo ehr` serves the sandbox EHRs, `... seed` fills the demo, `... sign-in` is for curl."""

import argparse
import os
import sys


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    ehr = parts.add_parser("ehr", help="serve the sandbox EHRs until Ctrl-C")
    ehr.add_argument("--hospital", choices=("mercy", "riverside"), help="only this one's")
    ehr.add_argument("--port", type=int, help="with --hospital: listen here")
    sign_in = parts.add_parser("sign-in", help="sign somebody in, and print the Cookie header of the session")
    sign_in.add_argument("hospital", help="mercy, riverside, or vendor")
    sign_in.add_argument("username")
    parts.add_parser("seed", help="make the demo's hospitals and people, and read their records")
    chosen = parser.parse_args()
    if chosen.part == "ehr":
        serve_ehrs(chosen.hospital, chosen.port)
    elif chosen.part == "sign-in":
        print_cookie(chosen.hospital, chosen.username)
    else:
        seed_demo()


def serve_ehrs(only: str | None, port: int | None) -> None:
    from config.demo.sandbox import SLUGS, sandbox_of
    from config.demo.serving import serve

    serve([sandbox_of(slug, port) for slug in ([only] if only else SLUGS)])


def print_cookie(slug: str, username: str) -> None:
    """For curl, as docs/attacks.md has it. Waits for the next code where this one was used."""
    import json
    from pathlib import Path

    from config.bench.signing_in import cookie_of

    told = json.loads((Path(os.environ.get("PORTICO_VAR", "var")) / "demo.json").read_text())
    site = told["vendor"] if slug == "vendor" else next(h for h in told["hospitals"] if h["slug"] == slug)
    print(cookie_of(site["url"], next(person for person in site["people"] if person["username"] == username)))


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
