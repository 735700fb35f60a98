"""The code page, the recovery code page, and proving once more before something weighty is changed."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from two_factor.plugins.registry import registry

from foundation import audit
from foundation.clock import now
from foundation.permissions import open_to_all, signed_in, viewer_of
from portal.accounts import factors, landing, languages, signin
from portal.accounts.factors import Verdict
from portal.accounts.forms import RecoveryForm
from portal.accounts.models import User
from portal.accounts.models.factors import Factor
from portal.accounts.queries import factor_state, factors_of, recovery_set_of


def _who(request: HttpRequest) -> tuple[User, str] | None:
    """Whose second step is due: the password was proved a moment ago, or the session is signed in without it."""
    user = signin.person(request)
    if user is not None and not signin.is_proved(request.session, user):
        return user, str(request.session.get("accounts.after", ""))
    return signin.held(request)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Opens for those who have proved a password in this browser; anyone else is sent to sign-in."""
    due = _who(request)
    if due is None:
        return _start_over(request)
    user, after = due
    devices = factors_of(user)
    if not devices:
        return redirect("accounts:second_factor" if signin.person(request) else "accounts:sign_in")
    method = registry.method_from_device(devices[0])
    form: forms.Form = method.get_token_form_class()(request.POST or None)
    if form.is_bound and form.is_valid():
        device, problem = _try(user, devices, form.cleaned_data["code"])
        if device is not None:
            return _let_in(request, user, device, after)
        form.add_error("code", problem)
    words = {"form": form, "instruction": method.get_verbose_action(devices[0])}
    return render(request, "accounts/code.html", words, status=_status(user, form))


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    due = _who(request)
    if due is None:
        return _start_over(request)
    user, _after = due
    device = recovery_set_of(user)
    form = RecoveryForm(request.POST or None)
    if form.is_bound and form.is_valid():
        used, problem = _try(user, [device] if device else [], form.cleaned_data["code"])
        if used is not None:
            response = _let_in(request, user, used, _account_url())
            _say_codes_left(request, user)
            return response
        form.add_error("code", problem)
    return render(request, "accounts/recovery.html", {"form": form}, status=_status(user, form))


@signed_in()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Once more the code: what comes next changes how this person signs in (S37)."""
    user = signin.person(request)
    assert user is not None
    after = signin.safe_next(request)
    devices = factors_of(user)
    method = registry.method_from_device(devices[0]) if devices else None
    if method is None:
        return redirect("accounts:second_factor")
    form: forms.Form = method.get_token_form_class()(request.POST or None)
    if form.is_bound and form.is_valid():
        device, problem = _try(user, devices, form.cleaned_data["code"])
        if device is not None:
            signin.prove(request.session, user, device.persistent_id)
            audit.record("sign_in.proved_again", by=signin.actor_of(user), target=("person", str(user.pk)))
            return landing.onward(request, after)
        form.add_error("code", problem)
    return render(request, "accounts/confirm.html", {"form": form, "next": after}, status=_status(user, form))


def _try(user: User, devices: Sequence[Factor], token: str) -> tuple[Factor | None, str]:
    """The device that took the code, or why none did, in words."""
    verdict, device = factors.judge(user, devices, token)
    if verdict is Verdict.RIGHT:
        return device, ""
    reason = "code" if verdict is Verdict.WRONG else "too_many"
    audit.record(
        "sign_in.failed",
        by=signin.actor_of(user),
        target=("person", str(user.pk)),
        outcome="refused",
        reason=reason,
    )
    user.refresh_from_db(fields=["factor_failures", "factor_failed_at"])
    until = factors.waits_until(user)
    if until is None:
        return None, _("This code is not right, or it was used before. Wait for the next one and type that.")
    minutes = max(1, round((until - now()).total_seconds() / 60))
    return None, ngettext(
        "There were too many wrong codes. Wait %(n)d minute, then try again.",
        "There were too many wrong codes. Wait %(n)d minutes, then try again.",
        minutes,
    ) % {"n": minutes}


def _status(user: User, form: forms.Form) -> int:
    return HTTPStatus.TOO_MANY_REQUESTS if form.errors and factors.waits_until(user) else HTTPStatus.OK


def _let_in(request: HttpRequest, user: User, device: Factor, after: str) -> HttpResponse:
    signin.finish(request, user, device.persistent_id)
    response = landing.onward(request, after)
    languages.remember(response, user.language)
    return response


def _start_over(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    return landing.onward(request) if viewer.verified else redirect("accounts:sign_in")


def _account_url() -> str:
    from django.urls import reverse

    return reverse("accounts:second_step")


def _say_codes_left(request: HttpRequest, user: User) -> None:
    left = factor_state(user).codes_left
    messages.warning(
        request,
        ngettext(
            "You used a recovery code. You have %(n)d left. If your phone is gone, set up the app again.",
            "You used a recovery code. You have %(n)d left. If your phone is gone, set up the app again.",
            left,
        )
        % {"n": left},
    )
