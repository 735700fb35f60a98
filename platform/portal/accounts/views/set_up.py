"""Setting up an authenticator app, and the recovery codes that are shown once."""

from __future__ import annotations

import json
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from two_factor.utils import get_otpauth_url

from foundation.crypto import seal, unseal
from foundation.permissions import signed_in
from portal.accounts import factors, landing, languages, mail, signin
from portal.accounts.actions import begin_app, confirm_app, renew_recovery_codes
from portal.accounts.errors import CodeDoesNotMatch
from portal.accounts.forms import CodeForm
from portal.accounts.models import AuthenticatorApp, User
from portal.accounts.queries import has_factor, recovery_set_of

SETTING_UP = "accounts.setting_up"
FRESH_CODES = "accounts.fresh_codes"


def _person(request: HttpRequest) -> User:
    user = signin.person(request)
    assert user is not None  # @signed_in stands before
    return user


def to_confirm(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': request.path})}")


def _elsewhere_first(request: HttpRequest, user: User) -> HttpResponse | None:
    """Who has a second step proves it before adding one: a password alone never gets past it."""
    if not has_factor(user):
        return None
    if not signin.is_proved(request.session, user):
        return redirect("accounts:code")
    return None if signin.proved_lately(request.session, user) else to_confirm(request)


@signed_in(verified=False)
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponseBase:
    """QR and typed key; the first code confirms. The seed lies sealed in an unconfirmed device, not in the session."""
    user = _person(request)
    elsewhere = _elsewhere_first(request, user)
    if elsewhere is not None:
        return elsewhere
    device, again = _device_in_hand(request, user), has_factor(user)
    form = CodeForm(request.POST or None)
    if form.is_bound and form.is_valid():
        token = form.cleaned_data["code"]
        try:
            confirm_app(by=signin.actor_of(user), user=user, device=device, token=token, replacing=again)
        except CodeDoesNotMatch as refusal:
            form.add_error("code", str(refusal))
        else:
            return _set_up_done(request, user, device)
    seed = factors.seed_of(device)
    words = {"form": form, "key": _in_fours(factors.typed_key(seed)), "qr": _qr(user, seed), "again": again}
    return render(request, "accounts/set_up.html", words)


def _device_in_hand(request: HttpRequest, user: User) -> AuthenticatorApp:
    """The unconfirmed device that this session made; the same one on each try, so that a scanned code stays good."""
    known = request.session.get(SETTING_UP)
    found = AuthenticatorApp.objects.filter(pk=UUID(known), user=user, confirmed=False).first() if known else None
    if found is None:
        found = begin_app(by=signin.actor_of(user), user=user)
        request.session[SETTING_UP] = str(found.pk)
    return found


def _set_up_done(request: HttpRequest, user: User, device: AuthenticatorApp) -> HttpResponse:
    request.session.pop(SETTING_UP, None)
    first_time = recovery_set_of(user) is None
    signin.finish(request, user, device.persistent_id)
    if not first_time:
        return redirect("accounts:second_step")
    return _show_new_codes(request, user)


def _show_new_codes(request: HttpRequest, user: User) -> HttpResponse:
    codes = renew_recovery_codes(by=signin.actor_of(user), user=user)
    request.session[FRESH_CODES] = seal(json.dumps(codes), **_codes_place(user))
    return redirect("accounts:recovery_codes")


def _codes_place(user: User) -> dict[str, str]:
    return {"table": "accounts_session", "column": "fresh_codes", "row": str(user.pk)}


def _fresh_codes(request: HttpRequest, user: User) -> list[str]:
    sealed = request.session.get(FRESH_CODES)
    return list(json.loads(unseal(sealed, **_codes_place(user)))) if sealed else []


@signed_in()
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Shows fresh codes until their owner says that they have them."""
    user = _person(request)
    codes = _fresh_codes(request, user)
    if request.method == "POST" or not codes:
        request.session.pop(FRESH_CODES, None)
        response = landing.onward(request, str(request.session.pop("accounts.after", "")))
        languages.remember(response, user.language)
        return response
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@signed_in()
@require_safe
def download_recovery_codes(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    codes = _fresh_codes(request, user)
    if not codes:
        return redirect("accounts:second_step")
    title = _("Recovery codes for %(hospital)s") % {"hospital": mail.here().name}
    note = _("Each code works once. Keep them where only you can find them.")
    text = "\r\n".join([title, user.username, "", *codes, "", note, ""])
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


@signed_in()
@require_POST
def new_recovery_codes(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    if not signin.proved_lately(request.session, user):
        return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': reverse('accounts:second_step')})}")
    return _show_new_codes(request, user)


def _in_fours(key: str) -> str:
    return " ".join(key[i : i + 4] for i in range(0, len(key), 4))


def _qr(user: User, seed: bytes) -> str:
    """The QR code as a data: address, drawn here: the seed is sent to nobody else."""
    url = get_otpauth_url(user.username, factors.typed_key(seed), mail.here().name, factors.DIGITS)
    return segno.make(url, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
