"""A secret opens where it was sealed, and nowhere else."""

import pytest

from foundation.crypto import Sealed, fingerprint, seal, unseal
from foundation.tenancy import HospitalRecord, inside


def test_a_secret_comes_back_whole(in_mercy: HospitalRecord) -> None:
    text = seal("токен", table="t", column="c", row="1")
    assert "токен" not in text
    assert unseal(text, table="t", column="c", row="1").decode() == "токен"


@pytest.mark.security("S58")
@pytest.mark.parametrize("place", [{"table": "u"}, {"column": "d"}, {"row": "2"}])
def test_a_secret_copied_to_another_place_stays_shut(in_mercy: HospitalRecord, place: dict[str, str]) -> None:
    here = {"table": "t", "column": "c", "row": "1"}
    text = seal("secret", **here)
    with pytest.raises(Sealed):
        unseal(text, **{**here, **place})


@pytest.mark.security("S58")
def test_a_secret_copied_to_another_hospital_stays_shut(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy):
        text = seal("secret", table="t", column="c")
        mine = fingerprint("code", purpose="p")
    with inside(riverside):
        with pytest.raises(Sealed):
            unseal(text, table="t", column="c")
        assert fingerprint("code", purpose="p") != mine


@pytest.mark.parametrize("text", ["", "v1.", "v1.!!!!", "v9.AAAA", "v1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_garbage_is_refused_with_a_sentence(in_mercy: HospitalRecord, text: str) -> None:
    with pytest.raises(Sealed, match=r"does not open here|not known here"):
        unseal(text, table="t", column="c")
