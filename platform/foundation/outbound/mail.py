"""Mail to a server whose certificate is looked at: of the system's authorities, or of one that the settings name."""

from __future__ import annotations

import ssl
from typing import Any

from django.core.mail.backends.smtp import EmailBackend


class VerifiedSmtp(EmailBackend):
    """Django's own, which insists on TLS where it is told to, with the authority in the file `ca`."""

    def __init__(self, *args: Any, ca: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ca = ca

    @property
    def ssl_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context
