"""Words come out as Django's own look-up gives them."""

from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import trans_real


def _as_django_does(catalog: Any, key: Any) -> Any:
    return next((one[key] for one in catalog._catalogs if key in one), None)


@pytest.mark.parametrize("language", ["ar", "en", "es"])
def test_every_word_of_every_app_reads_as_in_djangos_own_order(language: str) -> None:
    catalog: Any = vars(trans_real.translation(language))["_catalog"]
    keys = list(catalog.keys())
    assert len(catalog._catalogs) > 10  # else this patch has no reason to be
    assert [catalog.get(key) for key in keys] == [_as_django_does(catalog, key) for key in keys]
    assert catalog.get("no such word", "itself") == "itself"


def test_a_word_that_comes_later_is_found() -> None:
    catalog = trans_real.TranslationCatalog()
    assert catalog.get("late") is None
    catalog["late"] = "tarde"
    assert catalog.get("late") == "tarde"


def test_plurals_keep_their_rules() -> None:
    with translation.override("ar"):
        said = [translation.ngettext("%(num)d year", "%(num)d years", n) % {"num": n} for n in (1, 2, 3, 11)]
    assert len(set(said)) == 4
