"""Codes work once, guesses are counted over all devices, seeds and recovery codes do not stand in the database."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client
from django_otp import devices_for_user
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from two_factor.plugins.registry import registry
from two_factor.utils import default_device

from foundation.audit import Actor
from foundation.crypto import Sealed
from foundation.tenancy import HospitalRecord, inside
from portal.accounts import factors
from portal.accounts.actions import begin_app, confirm_app, renew_recovery_codes, reset_factors
from portal.accounts.errors import CodeDoesNotMatch
from portal.accounts.factors import Verdict
from portal.accounts.models import AuthenticatorApp, RecoveryCode, RecoverySet, Session, User
from portal.accounts.queries import apps_of, factors_of, recovery_set_of
from tests.people import PASSWORD, SECRET, make_person
from tests.portal.accounts.codes import NOON, code_at, key_of

type ClientFor = Callable[..., Client]
type MakePerson = Callable[..., Any]
BY = Actor.command("tests")


def judge(user: User, token: str) -> Verdict:
    return factors.judge(user, factors_of(user), token)[0]


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(seconds, UTC)
    assert factors.matching_step(b"12345678901234567890", code, after=-1, at=at) == seconds // 30


@pytest.mark.security("S33")
def test_a_code_works_once(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice")
    with time_machine.travel(NOON, tick=False):
        assert judge(user, code_at(NOON)) is Verdict.RIGHT
        assert judge(user, code_at(NOON)) is Verdict.WRONG
        assert judge(user, code_at(NOON - timedelta(seconds=30))) is Verdict.WRONG
        assert judge(user, code_at(NOON + timedelta(seconds=30))) is Verdict.RIGHT


@pytest.mark.security("S33")
def test_the_code_that_confirmed_the_app_does_not_sign_in(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice", totp_secret=None)
    with time_machine.travel(NOON, tick=False):
        device = begin_app(by=BY, user=user)
        code = code_at(NOON, factors.typed_key(factors.seed_of(device)))
        with pytest.raises(CodeDoesNotMatch):
            confirm_app(by=BY, user=user, device=device, token="000000" if code != "000000" else "111111")
        assert judge(user, code) is Verdict.WRONG  # not confirmed yet: it counts for nothing
        confirm_app(by=BY, user=user, device=device, token=code)
        assert judge(user, code) is Verdict.WRONG
    later = NOON + timedelta(seconds=30)
    with time_machine.travel(later, tick=False):
        assert judge(user, code_at(later, factors.typed_key(factors.seed_of(device)))) is Verdict.RIGHT


@pytest.fixture
def lasting_person(lasting_database: None) -> Iterator[tuple[HospitalRecord, User]]:
    from tenants.queries import hospital_by_slug

    mercy = hospital_by_slug("mercy")
    assert mercy is not None
    user = make_person(mercy, "twenty")
    yield mercy, user
    with inside(mercy):
        AuthenticatorApp.objects.filter(user=user).delete()
        Session.objects.all().delete()
        User.objects.filter(pk=user.pk)._raw_delete(using="default")


@pytest.mark.security("S33")
def test_of_twenty_equal_codes_at_once_exactly_one_is_accepted(
    lasting_person: tuple[HospitalRecord, User], django_db_blocker: Any
) -> None:
    mercy, user = lasting_person
    code, verdicts, start = code_at(NOON), list[Verdict](), threading.Barrier(20)

    def post() -> None:
        with django_db_blocker.unblock():
            start.wait()
            with inside(mercy):
                verdicts.append(judge(user, code))
            connections.close_all()

    with time_machine.travel(NOON, tick=False):
        threads = [threading.Thread(target=post) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert verdicts.count(Verdict.RIGHT) == 1
    assert len(verdicts) == 20


@pytest.mark.security("S33")
def test_wrong_codes_count_for_the_person_over_all_devices(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice")
    for _ in range(3):
        sealed = factors.seal_seed(user, factors.new_seed())
        AuthenticatorApp.objects.create(user=user, name="more", sealed_seed=sealed)
    renew_recovery_codes(by=BY, user=user)
    backup = recovery_set_of(user)
    assert backup is not None
    with time_machine.travel(NOON, tick=False) as clock:
        for number, device in enumerate([*apps_of(user), backup]):
            assert factors.judge(user, [device], f"00000{number}")[0] is Verdict.WRONG
        assert judge(user, code_at(NOON)) is Verdict.WAIT  # the right one, too
        clock.shift(timedelta(seconds=59))
        assert judge(user, "123456") is Verdict.WAIT
        clock.shift(timedelta(seconds=2))
        moment = NOON + timedelta(seconds=61)
        assert judge(user, code_at(moment)) is Verdict.RIGHT
    user.refresh_from_db()
    assert user.factor_failures == 0


def test_each_further_wrong_code_doubles_the_wait_up_to_an_hour(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice")
    waits = []
    with time_machine.travel(NOON, tick=False):
        for failures in (4, 5, 6, 10, 11, 500):
            user.factor_failures, user.factor_failed_at = failures, NOON
            until = factors.waits_until(user)
            waits.append((until - NOON).total_seconds() / 60 if until else 0)
    assert waits == [0, 1, 2, 32, 60, 60]


def test_the_page_says_how_long_to_wait_with_status_429(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    person(mercy, "alice")
    browser = client_for(mercy)
    with time_machine.travel(NOON, tick=False):
        browser.post("/sign-in/", {"username": "alice", "password": PASSWORD})
        answers = [browser.post("/sign-in/code/", {"code": "000000"}) for _ in range(6)]
    assert [a.status_code for a in answers] == [200, 200, 200, 200, 429, 429]
    assert b"Wait 1 minute, then try again" in answers[-1].content


@pytest.mark.security("S35")
def test_the_seed_does_not_stand_in_the_database_nor_in_the_session(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice", totp_secret=None)
    browser = client_for(mercy, user, verified=False)
    key = key_of(browser.get("/set-up/")).replace(" ", "")
    seed = factors.seed_from(key)
    with inside(mercy), connection.cursor() as cursor:
        for table in ("accounts_authenticatorapp", "accounts_session", "accounts_user"):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            text = " ".join(row[0] for row in cursor.fetchall())
            assert text
            assert key not in text
            assert seed.hex() not in text


@pytest.mark.security("S34")
def test_recovery_codes_are_strong_hashed_and_work_once(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice")
    codes = renew_recovery_codes(by=BY, user=user)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", code) for code in codes)
    stored = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert not stored & {form for code in codes for form in (code, code.replace("-", ""))}
    device = recovery_set_of(user)
    assert device is not None
    typed = codes[0].lower().replace("-", " ")
    assert factors.judge(user, [device], typed)[0] is Verdict.RIGHT
    assert factors.judge(user, [device], codes[0])[0] is Verdict.WRONG
    renew_recovery_codes(by=BY, user=user)
    assert factors.judge(user, [device], codes[1])[0] is Verdict.WRONG


def test_a_recovery_code_signs_in_and_says_how_many_are_left(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    with inside(mercy):
        codes = renew_recovery_codes(by=BY, user=user)
    browser = client_for(mercy)
    browser.post("/sign-in/", {"username": "alice", "password": PASSWORD})
    assert browser.post("/sign-in/recovery-code/", {"code": "AAAA-AAAA-AAAA-AAAA"}).status_code == 200
    answer = browser.post("/sign-in/recovery-code/", {"code": codes[3]}, follow=True)
    assert b"You have 9 left" in answer.content


@pytest.mark.security("S2", "S35")
def test_a_device_row_copied_to_another_hospital_opens_nothing_there(
    mercy: HospitalRecord, riverside: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(riverside, "eve")
    with inside(riverside):
        codes = renew_recovery_codes(by=BY, user=user)
        app, backup = AuthenticatorApp.objects.get(), RecoverySet.objects.get()
        rows = list(RecoveryCode.objects.all())
    with inside(mercy):
        for row in (user, app, backup, *rows):
            row.save(force_insert=True)
        with pytest.raises(Sealed):
            factors.seed_of(app)
    browser = client_for(mercy)
    with time_machine.travel(NOON, tick=False):
        browser.post("/sign-in/", {"username": "eve", "password": PASSWORD})
        assert browser.post("/sign-in/code/", {"code": code_at(NOON)}).status_code == 200
        assert browser.post("/sign-in/recovery-code/", {"code": codes[0]}).status_code == 200
    assert browser.get("/account/").status_code == 302


def test_a_seed_sealed_for_one_person_does_not_open_for_another(in_mercy: HospitalRecord, person: MakePerson) -> None:
    alice, ben = person(in_mercy, "alice"), person(in_mercy, "ben")
    taken = AuthenticatorApp.objects.get(user=alice)
    AuthenticatorApp.objects.filter(user=ben).update(sealed_seed=taken.sealed_seed)
    with time_machine.travel(NOON, tick=False):
        assert judge(ben, code_at(NOON)) is Verdict.WRONG


@pytest.mark.security("S31")
def test_a_password_alone_never_sets_up_a_factor_beside_one_that_is_there(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    browser = client_for(mercy, user, verified=False)
    assert browser.get("/set-up/")["Location"] == "/sign-in/code/"
    assert browser.post("/set-up/", {"code": "123456"})["Location"] == "/sign-in/code/"
    assert browser.post("/set-up/recovery-codes/new/")["Location"] == "/set-up/"
    with inside(mercy):
        assert AuthenticatorApp.objects.count() == 1
    with time_machine.travel(NOON, tick=False):
        assert (
            client_for(mercy, user, verified=False).post("/sign-in/code/", {"code": code_at(NOON)}).status_code == 302
        )


@pytest.mark.security("S37")
@pytest.mark.parametrize(("method", "path"), [("get", "/set-up/"), ("post", "/set-up/recovery-codes/new/")])
def test_changing_a_factor_asks_for_the_code_again_after_ten_minutes(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson, method: str, path: str
) -> None:
    user = person(mercy, "alice")
    with time_machine.travel(NOON, tick=False) as clock:
        browser = client_for(mercy, user)
        clock.shift(timedelta(minutes=11))
        answer = getattr(browser, method)(path)
        assert answer["Location"].startswith("/account/confirm/?next=")
        moment = NOON + timedelta(minutes=11)
        answer = browser.post(answer["Location"], {"code": code_at(moment)})
        assert answer.status_code == 302
        assert "/confirm/" not in answer["Location"]
        answer = getattr(browser, method)(path)
        assert "/confirm/" not in answer.get("Location", "")


def test_a_new_app_takes_the_place_of_the_old_one(
    mercy: HospitalRecord, client_for: ClientFor, person: MakePerson
) -> None:
    user = person(mercy, "alice")
    with time_machine.travel(NOON, tick=False):
        browser = client_for(mercy, user)
        key = key_of(browser.get("/set-up/"))
        browser.post("/set-up/", {"code": code_at(NOON, key)})
        with inside(mercy):
            assert [factors.typed_key(factors.seed_of(d)) for d in apps_of(user)] == [key.replace(" ", "")]
            assert judge(user, code_at(NOON, SECRET)) is Verdict.WRONG


@pytest.mark.security("P30")
def test_the_library_sees_our_devices_and_its_own_tables_stay_empty(
    in_mercy: HospitalRecord, person: MakePerson
) -> None:
    user = person(in_mercy, "alice")
    renew_recovery_codes(by=BY, user=user)
    assert {type(d) for d in devices_for_user(user)} == {AuthenticatorApp, RecoverySet}
    device = default_device(user)
    assert isinstance(device, AuthenticatorApp)
    assert [m.code for m in registry.get_methods()] == ["generator"]
    assert registry.method_from_device(device) is registry.get_method("generator")
    assert AuthenticatorApp.from_persistent_id(device.persistent_id) == device
    with time_machine.travel(NOON, tick=False):
        assert device.verify_token(code_at(NOON))
    assert (TOTPDevice.objects.count(), StaticDevice.objects.count()) == (0, 0)


def test_resetting_takes_every_factor_away(in_mercy: HospitalRecord, person: MakePerson) -> None:
    user = person(in_mercy, "alice")
    renew_recovery_codes(by=BY, user=user)
    assert reset_factors(by=BY, user=user) == 1
    assert not list(devices_for_user(user))
    assert User.objects.get(pk=user.pk).factor_epoch == 1
