"""Sign-in, sign-out, and what to do when it does not work."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from foundation import audit
from foundation.audit import Actor
from foundation.errors import TooMany
from foundation.permissions import open_to_all, signed_in, viewer_of
from foundation.web import address_of
from portal.accounts import landing, languages, signin, throttle
from portal.accounts.forms import SignInForm
from portal.accounts.models import User
from portal.accounts.queries import has_factor, person_by_name


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    after = signin.safe_next(request)
    if request.method != "POST":
        viewer = viewer_of(request)
        if viewer.signed_in:
            return landing.onward(request, after) if viewer.verified else redirect("accounts:second_factor")
        return _page(request, SignInForm(), after)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form, after)
    name, password = form.cleaned_data["username"], form.cleaned_data["password"]
    address = address_of(request)
    try:
        throttle.take_guess(name, address)
    except TooMany:
        _note_failure(name, "too_many")
        form.add_error(None, _("There were too many tries. Wait 15 minutes, then try again, or choose a new password."))
        return _page(request, form, after, HTTPStatus.TOO_MANY_REQUESTS)
    user = auth.authenticate(request, username=name, password=password)
    if not isinstance(user, User):
        _note_failure(name, "password")
        form.add_error(None, _("This name and password do not go together. Check both and try again."))
        return _page(request, form, after)
    throttle.forgive(name, address)
    return _go_on(request, user, after)


def _go_on(request: HttpRequest, user: User, after: str) -> HttpResponse:
    """To the code where there is a second step, else to setting one up."""
    if has_factor(user):
        signin.hold(request, user, after)
        return redirect("accounts:code")
    signin.begin(request, user)
    request.session["accounts.after"] = after
    response = redirect("accounts:second_factor")
    languages.remember(response, user.language)
    return response


def _note_failure(name: str, reason: str) -> None:
    """What was typed is not written down: people type passwords into the wrong field."""
    user = person_by_name(name)
    audit.record(
        "sign_in.failed",
        by=Actor.anonymous(),
        target=("person", str(user.pk)) if user else None,
        outcome="refused",
        reason=reason,
    )


def _page(request: HttpRequest, form: SignInForm, after: str, status: int = HTTPStatus.OK) -> HttpResponse:
    return render(request, "accounts/sign_in.html", {"form": form, "next": after}, status=status)


@open_to_all
@require_safe
def cannot_sign_in(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/cannot_sign_in.html")


@signed_in(verified=False)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """A link cannot sign anybody out: it shows a button that does."""
    if request.method != "POST":
        return render(request, "accounts/sign_out.html")
    viewer = viewer_of(request)
    audit.record("sign_out", by=viewer.actor, target=("person", str(viewer.user_id)))
    auth.logout(request)
    response = redirect("accounts:signed_out")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@open_to_all
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/signed_out.html")
