"""What people asked, flagged, wrote down and found about looks at records. The looks themselves are audit events."""

from portal.privacy.models.disclosures import Disclosure
from portal.privacy.models.findings import Finding, Report
from portal.privacy.models.flags import Flag
from portal.privacy.models.questions import Question

__all__ = ["Disclosure", "Finding", "Flag", "Question", "Report"]
