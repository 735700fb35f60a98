"""Of hospitals, not of people; but for who asked for work on them."""

from django.utils.translation import gettext_lazy as _

from foundation.personal import Holds, Kept, each_row, hold_nothing, holds

hold_nothing("tenants.Hospital", "tenants.Domain", "tenants.SchemaState", "tenants.TemplateText", what=Holds.TECHNICAL)
holds(
    "tenants.Job", Holds.ACCOUNT, title=_("Work on hospitals"), person="actor_id", export=each_row,
    erase=Kept(_("It says who made, changed or closed a hospital. That has to stay known.")),
)  # fmt: skip
