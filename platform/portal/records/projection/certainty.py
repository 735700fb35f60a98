"""How sure the source is of a problem or an allergy: by the codes of verificationStatus."""

from portal.records.projection.reading import Json, codes, node

RULED_OUT = "refuted"
KNOWN = (RULED_OUT, "unconfirmed", "provisional", "differential", "presumed")


def sure_of(body: Json) -> str:
    """ "" for what is confirmed or not said, else the code."""
    said = codes(node(body, "verificationStatus"))
    return next((code for code in KNOWN if code in said), "")
