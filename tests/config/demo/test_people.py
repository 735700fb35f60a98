"""The demo's sign-ins: made up once, private, the same at each start, and in the shape that tools read."""

import json
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password

from config.demo.accounts import put_person
from config.demo.people import CASTS, VENDOR, DemoFile
from foundation.audit import Actor
from foundation.tenancy import HospitalRecord
from portal.accounts import factors
from portal.accounts.models import AuthenticatorApp, User

BY = Actor.command("tests")
ALICE = CASTS["mercy"][0]


def written(path: Path) -> DemoFile:
    file = DemoFile(path)
    file.write([{"slug": slug, "name": slug.title()} for slug in CASTS], "http://localhost/")
    return file


def test_the_file_is_private_and_says_who_signs_in(tmp_path: Path) -> None:
    written(tmp_path / "demo.json")
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600
    told = json.loads((tmp_path / "demo.json").read_text())
    for hospital in told["hospitals"]:
        roles = [person["role"] for person in hospital["people"]]
        assert roles == ["patient", "patient", "clinician", "admin", "privacy_officer"]
    assert [person["role"] for person in told["vendor"]["people"]] == ["operator"]
    alice = told["hospitals"][0]["people"][0]
    assert set(alice) == {"role", "name", "username", "password", "totp_secret", "patient_id"}


def test_a_second_start_keeps_the_credentials(tmp_path: Path) -> None:
    first = written(tmp_path / "demo.json").person("mercy", ALICE)
    again = DemoFile(tmp_path / "demo.json")
    assert again.knows("mercy", ALICE)
    assert again.person("mercy", ALICE) == first


def test_the_same_name_in_two_places_is_two_people(tmp_path: Path) -> None:
    file = written(tmp_path / "demo.json")
    assert file.person("mercy", ALICE).password != file.person("riverside", ALICE).password


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"hospitals": 1}'])
def test_a_broken_file_is_as_none(tmp_path: Path, broken: str) -> None:
    (tmp_path / "demo.json").write_text(broken)
    assert not DemoFile(tmp_path / "demo.json").knows("mercy", ALICE)


def test_the_passwords_are_good_enough_for_the_portal(tmp_path: Path) -> None:
    file = DemoFile(tmp_path / "demo.json")
    for place, parts in (*CASTS.items(), ("", VENDOR)):
        for part in parts:
            validate_password(file.person(place, part).password, User(username=part.username, name=part.name))


def test_a_person_is_made_once_and_can_prove_both_factors(tmp_path: Path, in_mercy: HospitalRecord) -> None:
    alice = DemoFile(tmp_path / "demo.json").person("mercy", ALICE)
    assert put_person(BY, alice)
    assert not put_person(BY, alice)
    user = User.objects.get(username="alice")
    assert user.check_password(alice.password)
    assert user.given_name == "Alice"
    assert factors.seed_of(AuthenticatorApp.objects.get(user=user)) == factors.seed_from(alice.totp_secret)


def test_lost_credentials_are_made_anew(tmp_path: Path, in_mercy: HospitalRecord) -> None:
    put_person(BY, DemoFile(tmp_path / "old.json").person("mercy", ALICE))
    alice = DemoFile(tmp_path / "new.json").person("mercy", ALICE)
    put_person(BY, alice, renew=True)
    user = User.objects.get(username="alice")
    assert user.check_password(alice.password)
    device = AuthenticatorApp.objects.get(user=user)
    assert device.confirmed
    assert factors.seed_of(device) == factors.seed_from(alice.totp_secret)
