"""Mail to a person about their account: in the hospital's words, from the hospital's sender, without health data."""

from __future__ import annotations

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from foundation.tenancy import PUBLIC, HospitalRecord, NoHospital, standing
from portal.accounts.models import OneTimeLink, User
from themes.queries import brand


def here() -> HospitalRecord:
    where = standing()
    if where is None:
        raise NoHospital("Mail leaves from a hospital, or from public by name.")
    return where


def origin() -> str:
    """Scheme, host and port of the primary domain: never what a request says of itself (S44)."""
    scheme = "https" if settings.PORTICO_TLS else "http"
    port = f":{settings.PORTICO_PORT}" if settings.PORTICO_PORT else ""
    return f"{scheme}://{here().host or settings.PORTICO_BASE_HOST}{port}"


def link_url(token: str) -> str:
    public = here().schema_name == PUBLIC.schema_name
    urlconf = settings.PUBLIC_SCHEMA_URLCONF if public else settings.ROOT_URLCONF
    return origin() + reverse("accounts:link", args=[token], urlconf=urlconf)


def send_link(user: User, purpose: OneTimeLink.Purpose, token: str) -> None:
    """Sends the link, in the person's language. The templates get these words and nothing else (S63)."""
    look = brand()
    colors = {"color": look.tokens.light.primary, "on_color": look.tokens.light.on_primary}
    with override(user.language):
        words = {"first_name": user.given_name, "hospital_name": look.name, "phone": look.phone, "origin": origin(),
                 "url": link_url(token), **colors}  # fmt: skip
        sender = formataddr((look.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
        subject = " ".join(render_to_string(f"accounts/mail/{purpose.value}_subject.txt", words).split())
        text = render_to_string(f"accounts/mail/{purpose.value}.txt", words)
        html = render_to_string(f"accounts/mail/{purpose.value}.html", words)
    message = EmailMultiAlternatives(subject, text, sender, [user.email], headers={"Auto-Submitted": "auto-generated"})
    message.attach_alternative(html, "text/html")
    message.send()
