"""The account page, and the start page of staff."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from foundation.permissions import requires, signed_in, viewer_of
from foundation.registry import account_links
from portal.accounts import landing, languages, signin
from portal.accounts.actions import set_appearance, set_language
from portal.accounts.forms import AppearanceForm, LanguageForm
from portal.accounts.models import Appearance, Role, User
from portal.accounts.queries import factor_state


def _person(request: HttpRequest) -> User:
    user = signin.person(request)
    assert user is not None  # @signed_in stands before
    return user


@signed_in()
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    words = {
        "person": user,
        "language": dict(languages.offered()).get(user.language, user.language),
        "appearance_name": Appearance(user.appearance).label,
        "factor": factor_state(user),
        "links": landing.places_for(viewer_of(request), account_links),
    }
    return render(request, "accounts/account.html", words)


@signed_in()
@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    offered = languages.offered()
    form = LanguageForm(request.POST or None, languages=offered, initial={"language": user.language})
    if not (form.is_bound and form.is_valid()):
        return render(request, "accounts/language.html", {"form": form})
    chosen = form.cleaned_data["language"]
    set_language(by=signin.actor_of(user), user=user, language=chosen)
    with override(chosen):
        messages.success(request, _("Your language is saved."))
    response = redirect("accounts:account")
    languages.remember(response, chosen)
    return response


@signed_in()
@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    form = AppearanceForm(request.POST or None, initial={"appearance": user.appearance})
    if not (form.is_bound and form.is_valid()):
        return render(request, "accounts/appearance.html", {"form": form})
    set_appearance(by=signin.actor_of(user), user=user, appearance=form.cleaned_data["appearance"])
    messages.success(request, _("The appearance is saved."))
    return redirect("accounts:account")


@signed_in()
@require_safe
def second_step(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/second_step.html", {"factor": factor_state(_person(request))})


@requires("staff.home")
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    names = [str(Role(role).label) for role in sorted(viewer.roles)]
    words = {"person": _person(request), "role_names": names, "places": landing.start_places(viewer)}
    return render(request, "accounts/staff.html", words | {"demo": settings.PORTICO_DEMO})
