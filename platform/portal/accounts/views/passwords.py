"""Forgotten, chosen through a link, changed."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from foundation import audit
from foundation.audit import Actor
from foundation.clock import uuid7
from foundation.errors import NotFound
from foundation.permissions import open_to_all, signed_in
from foundation.web import address_of
from portal.accounts import mail, signin, throttle
from portal.accounts.actions import change_password, choose_password
from portal.accounts.forms import ChangePasswordForm, ForgottenForm, NewPasswordForm
from portal.accounts.models import OneTimeLink, User
from portal.accounts.queries import has_factor, link_in_hand, open_link, person_by_name
from portal.accounts.sessions import SessionStore
from portal.accounts.tasks import queue_reset_link

LINK = "accounts.link"


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Says the same whether the name is known or not, and does as much: the mail is written in the background."""
    form = ForgottenForm(request.POST or None)
    if not (form.is_bound and form.is_valid()):
        return render(request, "accounts/forgotten.html", {"form": form})
    name = form.cleaned_data["username"]
    user = person_by_name(name)
    audit.record("link.asked", by=Actor.anonymous(), target=("person", str(user.pk)) if user else None)
    if throttle.may_ask_for_link(name, address_of(request)):
        queue_reset_link(mail.here(), user.pk if user else uuid7())
    return redirect("accounts:forgotten_sent")


@open_to_all
@require_safe
def forgotten_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/forgotten_sent.html")


@open_to_all
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Notes the link in the session and leaves its token behind: no Referer and no history carries it on (S44)."""
    try:
        found = open_link(token)
    except NotFound:
        return render(request, "accounts/link_over.html", status=HTTPStatus.NOT_FOUND)
    if signin.person(request) is not None:
        request.session.flush()
    request.session.cycle_key()
    request.session[LINK] = str(found.pk)
    response = redirect("accounts:choose_password")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("new_password")
def choose(request: HttpRequest) -> HttpResponse:
    """The holder of a link chooses a password. It never gets past a second step."""
    try:
        held = link_in_hand(request.session.get(LINK))
    except NotFound:
        return render(request, "accounts/link_over.html", status=HTTPStatus.NOT_FOUND)
    form = NewPasswordForm(request.POST or None, user=held.user)
    if not (form.is_bound and form.is_valid()):
        welcome = held.purpose == OneTimeLink.Purpose.WELCOME
        return render(request, "accounts/choose_password.html", {"form": form, "person": held.user, "welcome": welcome})
    actor = signin.actor_of(held.user)
    user = choose_password(by=actor, link=held, password=form.cleaned_data["new_password"])
    request.session.flush()
    if held.purpose == OneTimeLink.Purpose.WELCOME and not has_factor(user):
        signin.begin(request, user)
        return redirect("accounts:second_factor")
    messages.success(request, _("Your new password is saved. Sign in with it."))
    return redirect("accounts:sign_in")


def _judge_old_password(request: HttpRequest, user: User, form: ChangePasswordForm) -> None:
    """Whoever found a browser signed in may not guess here what they may not guess at the door."""
    if form.has_error("old_password", "wrong"):
        actor, target = signin.actor_of(user), ("person", str(user.pk))
        audit.record("password.changed", by=actor, target=target, outcome="refused", reason="old_password")
    elif form.is_bound:
        throttle.forgive(user.username, address_of(request))


@signed_in()
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("old_password", "new_password")
def change(request: HttpRequest) -> HttpResponse:
    user = signin.person(request)
    assert user is not None
    if request.method == "POST":
        throttle.take_guess(user.username, address_of(request))
    form = ChangePasswordForm(request.POST or None, user=user)
    good = form.is_bound and form.is_valid()
    _judge_old_password(request, user, form)
    if not good:
        return render(request, "accounts/change_password.html", {"form": form, "person": user})
    row = request.session.row if isinstance(request.session, SessionStore) else None
    password = form.cleaned_data["new_password"]
    changed = change_password(by=signin.actor_of(user), user=user, password=password, except_for=row)
    signin.keep_signed_in(request, changed)
    messages.success(request, _("Your password is changed. We signed you out on your other devices."))
    return redirect("accounts:account")
