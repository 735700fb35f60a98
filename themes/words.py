"""Looking a word up once, not once an app.

Django keeps the translations of each app apart, because their rules for plurals may differ, and asks one after the
other for every word: with Wagtail's apps twenty of them, and twice for a word that has no translation. A page asks for
a hundred words. What has no plural reads the same in one dictionary, with the same app first; plurals go Django's way.
"""

from typing import Any

from django.utils.translation.trans_real import TranslationCatalog

_FLAT = "_portico_flat"
_update = TranslationCatalog.update
_set = TranslationCatalog.__setitem__


def _get(catalog: Any, key: Any, default: Any = None) -> Any:
    flat = catalog.__dict__.get(_FLAT)
    if flat is None:
        flat = {}
        for one in reversed(catalog._catalogs):
            flat.update(one)
        catalog.__dict__[_FLAT] = flat
    return flat.get(key, default)


def _update_and_forget(catalog: Any, translation: Any) -> None:
    _update(catalog, translation)
    catalog.__dict__.pop(_FLAT, None)


def _set_and_forget(catalog: Any, key: Any, value: Any) -> None:
    _set(catalog, key, value)
    catalog.__dict__.pop(_FLAT, None)


def install() -> None:
    for name, function in {"get": _get, "update": _update_and_forget, "__setitem__": _set_and_forget}.items():
        setattr(TranslationCatalog, name, function)
