"""Codes in plain words: verdicts, states, labels of facts. What has no words here is shown as the source has it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.records.projection.verdict import ABOVE, BELOW, CRITICAL, Verdict

type Words = str | Promise

VERDICTS: dict[str, Words] = {
    Verdict.USUAL: _("In the usual range"),
    Verdict.LITTLE_LOW: _("A little below the usual range"),
    Verdict.LOW: _("Below the usual range"),
    Verdict.WELL_LOW: _("Well below the usual range"),
    Verdict.LITTLE_HIGH: _("A little above the usual range"),
    Verdict.HIGH: _("Above the usual range"),
    Verdict.WELL_HIGH: _("Well above the usual range"),
    Verdict.CRITICAL_LOW: _("Far below the usual range"),
    Verdict.CRITICAL_HIGH: _("Far above the usual range"),
    Verdict.CRITICAL: _("Far from the usual range"),
    Verdict.FLAGGED_USUAL: _("The laboratory says: as usual"),
    Verdict.FLAGGED_LOW: _("The laboratory says: lower than usual"),
    Verdict.FLAGGED_HIGH: _("The laboratory says: higher than usual"),
    Verdict.FLAGGED: _("The laboratory says: not as usual"),
    Verdict.POSITIVE: _("Found (positive)"),
    Verdict.NEGATIVE: _("Not found (negative)"),
}
SHORT_VERDICTS: dict[str, Words] = {
    **VERDICTS,
    Verdict.LITTLE_LOW: _("A little below"),
    Verdict.LOW: _("Below"),
    Verdict.WELL_LOW: _("Well below"),
    Verdict.LITTLE_HIGH: _("A little above"),
    Verdict.HIGH: _("Above"),
    Verdict.WELL_HIGH: _("Well above"),
    Verdict.CRITICAL_LOW: _("Far below"),
    Verdict.CRITICAL_HIGH: _("Far above"),
    Verdict.CRITICAL: _("Far from usual"),
    Verdict.FLAGGED_USUAL: _("As usual"),
    Verdict.FLAGGED_LOW: _("Lower than usual"),
    Verdict.FLAGGED_HIGH: _("Higher than usual"),
    Verdict.FLAGGED: _("Not as usual"),
}
QUIET = frozenset({Verdict.USUAL, Verdict.FLAGGED_USUAL})


def verdict_kind(verdict: str) -> str:
    """above, below, within or unknown: the shape beside the words."""
    if verdict in ABOVE:
        return "above"
    if verdict in BELOW:
        return "below"
    return "within" if verdict in QUIET else "unknown"


def is_critical(verdict: str) -> bool:
    return verdict in CRITICAL


STATES: dict[str, Words] = {
    "registered": _("On its way"),
    "preliminary": _("First look, not final yet"),
    "partial": _("Some parts are still on their way"),
    "final": _("Final"),
    "amended": _("Changed after it was final"),
    "corrected": _("Corrected"),
    "appended": _("Final, with an addition"),
    "cancelled": _("Cancelled"),
    "unknown": _("Not known"),
    "active": _("Now"),
    "recurrence": _("Came back"),
    "relapse": _("Came back"),
    "inactive": _("Not now"),
    "remission": _("In remission"),
    "resolved": _("Over"),
    "on-hold": _("On hold"),
    "completed": _("Done"),
    "stopped": _("Stopped"),
    "ended": _("Stopped"),
    "draft": _("Being planned"),
    "intended": _("Being planned"),
    "not-taken": _("Not taken"),
    "not-done": _("Not done"),
    "planned": _("Planned"),
    "preparation": _("Being prepared"),
    "in-progress": _("Going on"),
    "arrived": _("You have arrived"),
    "triaged": _("You have been seen first"),
    "onleave": _("On leave"),
    "finished": _("Finished"),
    "proposed": _("Suggested"),
    "pending": _("Not confirmed yet"),
    "booked": _("Booked"),
    "fulfilled": _("Took place"),
    "noshow": _("You did not come"),
    "checked-in": _("Checked in"),
    "waitlist": _("On the waiting list"),
    "current": _("Current"),
    "superseded": _("Replaced by a newer one"),
    "suspended": _("On hold"),
    "available": _("Ready"),
    "accepted": _("Agreed"),
    "issued": _("Issued"),
    "revoked": _("Withdrawn"),
}


SURE: dict[str, Words] = {
    "refuted": _("Ruled out"),
    "unconfirmed": _("Not confirmed"),
    "provisional": _("Not sure yet"),
    "differential": _("One of several guesses"),
    "presumed": _("Likely"),
}
"""How sure the source is, where it is not."""


def state_words(status: str) -> Words:
    return STATES.get(status) or status.replace("-", " ").capitalize()


LABELS: dict[str, Words] = {
    "note": _("Note"), "taken": _("When"), "performer": _("Done by"), "specimen": _("Sample"), "method": _("Method"),
    "body_site": _("Part of the body"), "device": _("Device"), "order": _("Order"),
    "absent": _("Why there is no value"), "read_by": _("Read by"), "ways": _("Kind of scan"),
    "images": _("Number of pictures"), "asked_by": _("Asked for by"), "reason": _("Reason"), "kind": _("Kind"),
    "from": _("From"), "until": _("Until"), "approved_by": _("Approved by"), "kept_by": _("Kept by"),
    "place": _("Place"), "began": _("Began"), "began_age": _("Began at age"),
    "began_until": _("Began, at the latest"), "ended": _("Ended"), "ended_age": _("Ended at age"),
    "ended_until": _("Ended, at the latest"), "recorded": _("Written down"), "severity": _("How severe"),
    "certainty": _("How sure"), "stage": _("Stage"), "recorded_by": _("Written down by"), "told_by": _("Told by"),
    "refills": _("Refills"), "amount": _("Amount"), "lasts": _("Lasts for"), "status_reason": _("Why"),
    "course": _("Course"), "intent": _("Kind of order"), "last_time": _("Last time"), "criticality": _("Risk"),
    "substance": _("Substance"), "described": _("What happened"), "dose_number": _("Dose number"),
    "against": _("Protects against"), "dose": _("Dose"), "route": _("How it was given"), "maker": _("Maker"),
    "lot": _("Lot number"), "expires": _("Use by"), "reaction": _("Reaction"), "visit_class": _("Kind of visit"),
    "service": _("Service"), "all_types": _("Also"), "diagnosis": _("About"), "came_from": _("Came from"),
    "went_to": _("Went to"), "length": _("Length"), "priority": _("Priority"), "specialty": _("Specialty"),
    "minutes": _("Minutes"), "instruction": _("What to do before"), "comment": _("Comment"), "outcome": _("Outcome"),
    "complication": _("Complication"), "follow_up": _("What comes after"), "for": _("For"),
}  # fmt: skip


FIELDS: dict[str, Words] = {
    "active": _("In use"), "address": _("Address"), "author": _("Written by"), "authoredOn": _("Ordered on"),
    "birthDate": _("Date of birth"), "bodySite": _("Part of the body"), "category": _("Category"), "code": _("What"),
    "collection": _("How it was taken"), "created": _("Written down"), "daysSupply": _("Lasts for"),
    "description": _("Description"), "deviceName": _("Device"), "encounter": _("Visit"), "expirationDate": _("Use by"),
    "gender": _("Sex"), "goal": _("Goals"), "intent": _("Kind of order"), "issued": _("Issued"),
    "lifecycleStatus": _("Status"), "location": _("Place"), "lotNumber": _("Lot number"), "manufacturer": _("Maker"),
    "name": _("Name"), "note": _("Note"), "outcome": _("Outcome"), "payor": _("Insurer"), "performer": _("Done by"),
    "period": _("When"), "priority": _("Priority"), "quantity": _("Amount"), "reasonCode": _("Reason"),
    "receivedTime": _("Came in"), "recorder": _("Written down by"), "relationship": _("Relationship"),
    "requester": _("Asked for by"), "serialNumber": _("Serial number"), "specimen": _("Sample"),
    "startDate": _("Began"), "status": _("Status"), "subscriberId": _("Member number"), "target": _("Target"),
    "telecom": _("Phone or email"), "title": _("Title"), "type": _("Kind"), "udiCarrier": _("Device code"),
}  # fmt: skip
"""The fields that other kinds of entries often have. The rest go by the name that the source gives them."""


def label_words(label: str) -> Words:
    """The label of a fact. A field's own name is taken apart: supportingInfo reads Supporting info."""
    if label.startswith("field:"):
        name = label[6:]
        if name in FIELDS:
            return FIELDS[name]
        return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize()
    return LABELS.get(label, label)


KINDS: dict[str, Words] = {
    "CarePlan": _("Care plans"), "Goal": _("Goals"), "ServiceRequest": _("Orders"), "Claim": _("Claims"),
    "ClaimResponse": _("Answers to claims"), "ExplanationOfBenefit": _("What insurance paid"),
    "Coverage": _("Insurance"), "Communication": _("Notes sent"), "Consent": _("Consents"), "Device": _("Devices"),
    "DeviceRequest": _("Devices ordered"), "DeviceUseStatement": _("Devices in use"),
    "EpisodeOfCare": _("Courses of care"), "FamilyMemberHistory": _("Family health"), "Flag": _("Flags"),
    "ClinicalImpression": _("Assessments"), "ImmunizationRecommendation": _("Vaccines to come"),
    "Invoice": _("Invoices"), "List": _("Lists"), "Media": _("Pictures"),
    "MedicationAdministration": _("Medicines given"), "MedicationDispense": _("Medicines handed out"),
    "NutritionOrder": _("Food orders"), "QuestionnaireResponse": _("Forms filled in"),
    "RelatedPerson": _("Related people"), "RiskAssessment": _("Risks"), "Specimen": _("Samples"), "Task": _("Tasks"),
    "Composition": _("Written summaries"), "VisionPrescription": _("Glasses and lenses"),
    "AdverseEvent": _("Unwanted events"), "Account": _("Accounts"), "Provenance": _("Where data came from"),
    "AuditEvent": _("Access log of the source"),
}  # fmt: skip


def kind_words(kind: str) -> Words:
    """A type of resource that has no page of its own. Its name is taken apart where there are no words for it."""
    return KINDS.get(kind) or label_words(f"field:{kind}")
