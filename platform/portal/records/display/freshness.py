"""How new the record is, in words: the line on each page, and a notice where something is wrong."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from foundation.clock import today
from foundation.permissions import Viewer
from foundation.tenancy import hospital_zone
from portal.ehr.queries import Freshness, freshness
from portal.records.display.values import joined
from themes.moments import Form, moment_html

KINDS = {
    "Observation": gettext_lazy("test results"),
    "DiagnosticReport": gettext_lazy("reports"),
    "Condition": gettext_lazy("health problems"),
    "MedicationRequest": gettext_lazy("medicines"),
    "MedicationStatement": gettext_lazy("medicines"),
    "AllergyIntolerance": gettext_lazy("allergies"),
    "Immunization": gettext_lazy("vaccines"),
    "Encounter": gettext_lazy("visits"),
    "Appointment": gettext_lazy("planned visits"),
    "DocumentReference": gettext_lazy("documents"),
    "Procedure": gettext_lazy("procedures"),
    "CareTeam": gettext_lazy("care team"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    title: str
    text: str
    kind: str = "warning"


@dataclass(frozen=True, slots=True)
class State:
    """`line` is for the foot of a page, `notices` for its top. `ready` is false before anything was read."""

    line: SafeString
    notices: tuple[Notice, ...]
    ready: bool
    connected: bool


def freshness_for(viewer: Viewer) -> State:
    """One statement."""
    return state_of(freshness(viewer.patient.id if viewer.patient else None))


def state_of(found: Freshness) -> State:
    if found.state == "none":
        return State(SafeString(""), (), False, False)
    if found.as_of is None:
        return State(SafeString(""), (), False, True)
    local = found.as_of.astimezone(hospital_zone())
    form: Form = "time" if local.date() == today(hospital_zone()) else "full"
    line = format_html("<span>{}</span>", joined(_("As of %(moment)s"), moment=moment_html(found.as_of, form)))
    return State(line, _notices(found.state, found.missing), True, True)


def _notices(state: str, missing: tuple[str, ...]) -> tuple[Notice, ...]:
    said: list[Notice] = []
    if state == "stale":
        said.append(Notice(
            _("Your record may not be up to date"),
            _("We have not reached the hospital’s records for some days. New things may be missing."),
        ))  # fmt: skip
    kinds = list(dict.fromkeys(str(KINDS.get(kind, _("parts of your record"))) for kind in missing))
    if kinds:
        said.append(Notice(
            _("We could not read your %(kinds)s today")
            % {"kinds": pgettext("between the parts of a sentence", ", ").join(kinds)},
            _("What you see may be old or not complete. We keep trying. You do not need to do anything."),
        ))  # fmt: skip
    return tuple(said)
