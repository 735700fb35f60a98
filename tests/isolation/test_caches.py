"""What is remembered is remembered by hospital: warmed in one, read in the other, and looked at in Valkey itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import redis
from celery import Celery
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache, caches
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils.cache import get_cache_key, learn_cache_key
from guardian.shortcuts import get_perms
from guardian.utils import get_anonymous_user
from rest_framework.throttling import UserRateThrottle

from foundation.database import as_owner
from foundation.database.base import forget_content_types
from foundation.errors import TooMany
from foundation.tasks import ticket
from foundation.tenancy import HospitalRecord, NoHospital, inside, inside_public, stand
from portal.access.models import Patient
from portal.accounts import throttle
from portal.ehr.locking import only_one
from portal.records.tasks import make_copy
from tenants import hosts
from tests.isolation.conftest import Twin, keys_of
from tests.isolation.routes import addresses
from tests.people import PASSWORD

type Browsers = Callable[..., Client]
type People = Callable[..., Any]
# What stands in Valkey under no hospital's name, and why it may.
NOBODYS = {
    hosts.GENERATION_KEY: "a number that says that some hospital changed; public's, as the list of hospitals is",
    "public:celery:": "the queue of Celery: its messages hold ids and a signed ticket (tests/isolation/test_tasks.py)",
}


@pytest.fixture
def both(mercy: HospitalRecord, riverside: HospitalRecord) -> tuple[HospitalRecord, HospitalRecord]:
    return mercy, riverside


@pytest.mark.security("S8")
def test_a_value_of_one_hospital_is_not_there_in_the_other(both: tuple[HospitalRecord, HospitalRecord]) -> None:
    here, there = both
    for name in caches:
        with inside(here):
            caches[name].set("k", "of here")
        with inside(there):
            assert caches[name].get("k") is None
            assert caches[name].add("k", "of there")
            assert caches[name].incr("n", 1) if caches[name].add("n", 0) else True
        with inside_public():
            assert caches[name].get("k") is None
        with inside(here):
            assert caches[name].get("k") == "of here"
            assert caches[name].get("n") is None
        with pytest.raises(NoHospital):
            caches[name].get("k")


@pytest.mark.security("S8")
def test_every_cache_makes_its_keys_by_hospital() -> None:
    """A second cache without the function would share everything."""
    from config.settings import base

    for name, given in base.CACHES.items():
        assert given["KEY_FUNCTION"] == "foundation.tenancy.caches.make_key", name


@pytest.mark.security("S8")
def test_a_fragment_of_a_page_is_its_hospitals_own(both: tuple[HospitalRecord, HospitalRecord]) -> None:
    page = Template("{% load cache %}{% cache 600 greeting %}{{ word }}{% endcache %}")
    shown = []
    for hospital in both:
        with inside(hospital):
            shown.append(page.render(Context({"word": hospital.slug})))
            assert page.render(Context({"word": "not anew"})) == hospital.slug
    assert shown == ["mercy", "riverside"]


@pytest.mark.security("S8")
def test_a_page_kept_by_djangos_page_cache_is_its_hospitals_own(both: tuple[HospitalRecord, HospitalRecord]) -> None:
    """Nothing uses it today; whoever does meets the same keys."""
    here, there = both
    request = RequestFactory().get("/results/", SERVER_NAME="same.localhost")
    with inside(here):
        cache.set(learn_cache_key(request, HttpResponse(), 600), "a page")
        assert cache.get(get_cache_key(request)) == "a page"
    with inside(there):
        assert get_cache_key(request) is None


@pytest.mark.security("S8")
def test_wagtails_sites_and_pages_are_its_hospitals_own(both: tuple[HospitalRecord, HospitalRecord]) -> None:
    from wagtail.models import Site

    here, there = both
    for hospital in (here, there, here):
        with inside(hospital):
            roots = Site.get_site_root_paths()
            assert hospital.host in str(roots)
            assert (there if hospital is here else here).host not in str(roots)


@pytest.mark.security("S8")
def test_a_rendition_of_a_picture_is_its_hospitals_own(both: tuple[HospitalRecord, HospitalRecord]) -> None:
    """The library's key is the picture's number, its digest and the filter: equal in both hospitals."""
    from wagtail.images.models import Rendition

    here, there = both
    picture = SimpleNamespace(id=7, file_hash="same")
    key = Rendition.construct_cache_key(picture, "", "width-200")
    with inside(here):
        Rendition.cache_backend.set(key, "of here")
        assert Rendition.cache_backend.get(key) == "of here"
    with inside(there):
        assert Rendition.construct_cache_key(picture, "", "width-200") == key
        assert Rendition.cache_backend.get(key) is None


class OnceAMinute(UserRateThrottle):
    rate = "1/min"


@pytest.mark.security("S8")
def test_an_apis_throttle_counts_by_hospital(both: tuple[HospitalRecord, HospitalRecord]) -> None:
    """rest_framework's key is the person's number alone, which both hospitals have."""

    asking: Any = SimpleNamespace(user=SimpleNamespace(is_authenticated=True, pk=1), META={})
    allowed = []
    for hospital in (*both, *both):
        with inside(hospital):
            allowed.append(OnceAMinute().allow_request(asking, cast(Any, None)))
    assert allowed == [True, True, False, False]


@pytest.mark.security("S8")
@pytest.mark.security("S41")
def test_guesses_count_by_hospital(both: tuple[HospitalRecord, HospitalRecord], client_for: Browsers) -> None:
    here, there = both
    for _ in range(throttle.PER_NAME_AND_ADDRESS + 1):
        client_for(here).post("/sign-in/", {"username": "alice", "password": "wrong"})
    assert client_for(here).post("/sign-in/", {"username": "alice", "password": "wrong"}).status_code == 429
    assert client_for(there).post("/sign-in/", {"username": "alice", "password": "wrong"}).status_code == 200
    with inside_public():
        throttle.take_guess("alice", "127.0.0.1")
    with inside(here), pytest.raises(TooMany):
        throttle.take_guess("alice", "127.0.0.1")
    with inside(there):
        assert [throttle.may_ask_for_link("alice", "127.0.0.1") for _ in range(6)] == [True] * 5 + [False]
    with inside(here):
        assert throttle.may_ask_for_link("alice", "127.0.0.1")


@pytest.mark.security("S8")
def test_a_lock_held_in_one_hospital_holds_nobody_in_the_other(lasting_database: None, django_db_blocker: Any) -> None:
    """Locks are the database's own, under a number made of the schema's name."""
    import psycopg
    from django.db import connection

    from tenants.queries import hospital_by_slug

    here, there = hospital_by_slug("mercy"), hospital_by_slug("riverside")
    assert here is not None
    assert there is not None
    at = connection.settings_dict
    with (
        inside(here),
        only_one(),
        psycopg.connect(
            host=at["HOST"], port=at["PORT"], user=at["USER"], password=at["PASSWORD"] or None, dbname=at["NAME"]
        ) as other,
    ):
        held = connection.cursor()
        held.execute("SELECT objid, classid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        low, high = held.fetchone()
        number = (high << 32 | low) - (1 << 64 if high >> 31 else 0)
        assert other.execute("SELECT pg_try_advisory_lock(%s)", [number]).fetchone() == (False,)
        stand(there)
        with only_one():
            pass
        stand(here)


@pytest.mark.security("S8")
@pytest.mark.security("P3")
def test_content_types_and_rights_are_its_hospitals_own(twins: tuple[Twin, Twin]) -> None:
    here, there = twins
    for twin in (here, there, here, there):
        with inside(twin.hospital):
            assert get_perms(twin.user, twin.patient) == ["open_record"]
            assert get_perms(twin.user, Patient(pk=uuid4())) == []
    with inside(there.hospital), as_owner():
        ContentType.objects.filter(app_label="access", model="patient").update(app_label="gone")
        ContentType.objects.create(id=70_000, app_label="access", model="patient")
    numbers: list[int] = []
    for twin in (here, there, here, there):
        with inside(twin.hospital):
            if len(numbers) < 2:
                forget_content_types(twin.hospital.schema_name)
            numbers.append(ContentType.objects.get_for_model(Patient).pk)
            assert ContentType.objects.get_for_id(numbers[-1]).model == "patient"
    assert numbers[0] == numbers[2] != 70_000
    assert numbers[1] == numbers[3] == 70_000
    forget_content_types(there.hospital.schema_name)


@pytest.mark.security("S29")
@pytest.mark.security("S8")
def test_there_is_no_anonymous_person_to_remember(in_mercy: HospitalRecord) -> None:
    assert django_settings.ANONYMOUS_USER_NAME is None
    with pytest.raises(Exception, match=r".*"):
        get_anonymous_user()


# The real Valkey, with what requests and tasks left in it.


def with_database(url: str, number: int) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"  # geturl() would leave out the two slashes
    return parts._replace(path=f"/{number}").geturl()


@pytest.fixture
def valkey(settings: LazySettings) -> Iterator[redis.Redis]:
    """A Valkey database of the test's own, as the process uses it, emptied before and after."""
    address = with_database(django_settings.REDIS_URL, 13)
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": address,
            "KEY_FUNCTION": "foundation.tenancy.caches.make_key",
        }
    }
    client = redis.from_url(address)
    client.flushdb()
    yield client
    client.flushdb()


def queue(valkey: redis.Redis, *twins: Twin) -> None:
    """Puts a message of each hospital into the queue, as the web server does, with the settings of the real one."""
    at = valkey.connection_pool.connection_kwargs
    url = f"redis://{at.get('host')}:{at.get('port')}/13"
    if "path" in at:
        url = f"redis+socket://{at['path']}?virtual_host=13"
    sender = Celery("sender", broker=url, set_as_current=False)
    sender.conf.broker_transport_options = django_settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for twin in twins:
        arguments = {"export_id": str(twin.patient.pk)}
        token = ticket(twin.hospital, make_copy.name, arguments)
        sender.send_task(make_copy.name, kwargs={"hospital": token, "arguments": arguments})
    sender.close()


@pytest.mark.security("S8")
@pytest.mark.security("S64")
def test_every_key_in_valkey_begins_with_a_schema(
    twins: tuple[Twin, Twin], client_for: Browsers, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    here, there = twins
    monkeypatch.setattr(hosts, "_client", [valkey])
    for twin in (here, there):
        browser = client_for(twin.hospital, twin.user)
        for address in addresses("config.urls", {"any": next(iter(keys_of(twin.hospital).values())), "no": uuid4()}):
            if address != "/sign-out/":
                browser.get(address)
        for _ in range(3):
            client_for(twin.hospital).post("/sign-in/", {"username": "alice", "password": "wrong"})
            client_for(twin.hospital).post("/password/forgotten/", {"username": "alice"})
        client_for(twin.hospital).post("/sign-in/", {"username": "alice", "password": PASSWORD})
    client_for(None).post("/sign-in/", {"username": "victor", "password": "wrong"})
    hosts.announce_change()
    queue(valkey, here, there)
    keys = {key.decode() for key in valkey.scan_iter()}
    schemas = {here.hospital.schema_name, there.hospital.schema_name, "public"}
    for key in keys:
        assert key.split(":")[0] in schemas or any(key.startswith(known) for known in NOBODYS), key
    assert {key.split(":")[0] for key in keys} == schemas
    assert any(key.startswith("public:celery:") for key in keys)
    held = {key: valkey.dump(key) for key in keys}
    for key, value in held.items():
        assert b"CANARY" not in key.encode() + (value or b""), key
    of_each = [{k.split(":", 1)[1] for k in keys if k.startswith(f"{t.hospital.schema_name}:")} for t in (here, there)]
    assert of_each[0] & of_each[1], "The hospitals used no key alike: the dump proves little."
