"""Refusals about hospitals."""

from django.utils.translation import gettext_lazy as _

from foundation.errors import Conflict, NotFound, Refusal


class HospitalExists(Conflict):
    code = "hospital_exists"
    default = _("A hospital with this short name or host is there already.")


class HospitalUnknown(NotFound):
    code = "hospital_unknown"
    default = _("There is no hospital with this short name. `manage.py hospital list` shows them.")


class HospitalInvalid(Refusal):
    code = "hospital_invalid"
    status = 400


class NotPrepared(Refusal):
    code = "not_prepared"
    status = 503
    default = _("The template of a new hospital is not there. Run `manage.py hospital migrate` first.")


class NotConfirmed(Refusal):
    code = "not_confirmed"
    status = 400
    default = _("The short name that you typed is another one. Nothing was deleted.")


class StillServing(Conflict):
    code = "still_serving"
    default = _("This hospital still serves people. Suspend it first: its keys cannot be brought back.")


class JobFailed(Refusal):
    """The provisioner could not do what it was asked for. The words are those of the refusal there."""

    code = "job_failed"
    status = 409


class NoProvisioner(Refusal):
    code = "no_provisioner"
    status = 503
    default = _(
        "The provisioner does not answer. What was asked for stays in the queue. Start it: `manage.py provisioner`."
    )
