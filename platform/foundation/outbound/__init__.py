"""HTTP to addresses that a hospital typed in: it cannot be turned against the inside of the house (S67).

A name is resolved once, every answer is checked, and the connection goes to a checked address, so that an answer that
changes in between (rebinding) gains nothing. TLS and the Host header still use the name. Redirects are followed by
hand, checked again, and lose the credentials when they leave the origin. Time and size are bounded while reading.
"""

from foundation.outbound.addresses import OutboundError, check_url, may_connect, networks
from foundation.outbound.client import OutboundClient, Reply

__all__ = ["OutboundClient", "OutboundError", "Reply", "check_url", "may_connect", "networks"]
