"""Of hospitals, not of people."""

from foundation.personal import Holds, hold_nothing

hold_nothing("tenants.Hospital", "tenants.Domain", "tenants.SchemaState", "tenants.TemplateText", what=Holds.TECHNICAL)
