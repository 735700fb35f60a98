"""What counts as new: not opened by this person, and of the last two months."""

from datetime import date, timedelta

from foundation.clock import today
from foundation.tenancy import hospital_zone

NEW_FOR = timedelta(days=60)


def new_since() -> date:
    """The first day of which a result can still be new. A first load of many years is not news."""
    return today(hospital_zone()) - NEW_FOR
