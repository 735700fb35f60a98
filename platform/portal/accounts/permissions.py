"""What accounts lets people open, and who has it."""

from django.utils.translation import gettext_lazy as _

from foundation.permissions import Permission, declare
from portal.accounts.models.people import HOSPITAL_STAFF

STAFF_HOME = declare(Permission("staff.home", opens=_("See the start page for staff"), roles=HOSPITAL_STAFF))
