"""Reading `PORTICO_KEYS`. Settings import this: nothing here needs Django."""

import re

REGION = re.compile(r"^[a-z]{2}(-[a-z]+)+-\d\Z")


def kind_and_place(text: str) -> tuple[str, str]:
    """ "file:/a/folder" or "aws-kms:region" in its two parts. ValueError says in a sentence what is wrong."""
    kind, _, place = text.partition(":")
    if kind == "file" and place.startswith("/"):
        return kind, place
    if kind == "aws-kms" and REGION.match(place):
        return kind, place
    raise ValueError("PORTICO_KEYS names no key store. Write file:/a/folder or, for example, aws-kms:us-east-1.")
