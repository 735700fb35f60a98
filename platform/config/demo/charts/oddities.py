"""What real EHRs send and textbooks do not: corrections, gaps, local codes, other clocks, odd precisions.

Each stands in a rich chart, so that the pages and the tests meet it every day.
"""

from config.demo.charts.catalogue import A1C, BMP, GLUCOSE, TSH, Panel
from config.demo.charts.chart import Chart, Visit
from config.demo.charts.coding import HL7, LOINC, Json, concept, quantity, reference
from config.demo.charts.labs import LABORATORY, interpretation, measured, order, report
from config.demo.charts.panels_in_words import ABSENT, ANTIBODIES, BLOOD_GROUP, VIRUSES, told, word_test

_CRP = Panel("30522-7", "C reactive protein [Mass/volume] in Serum or Plasma by High sensitivity method", "hs-CRP", ())
_HCG = concept(LOINC, "21198-7", "Choriogonadotropin.beta subunit [Units/volume] in Serum or Plasma", "hCG")


def withdrawn_and_corrected(chart: Chart, visit: Visit) -> None:
    """A result entered in error, and one that was corrected with a note."""
    ordered = order(chart, visit, Panel(GLUCOSE.loinc, GLUCOSE.display, GLUCOSE.name, (GLUCOSE,)))
    measured(chart, visit, GLUCOSE, 412, ordered=ordered)
    chart.last().update(status="entered-in-error", interpretation=interpretation("HH"))
    measured(chart, visit, GLUCOSE, 96, ordered=ordered, minutes=50)
    chart.last().update(status="corrected", note=[{"text": "Corrected: the first value belonged to another sample."}])
    measured(chart, visit, TSH, 4.31, ordered=ordered, minutes=52)
    chart.last().update(status="amended")


def waiting(chart: Chart, visit: Visit) -> None:
    """A panel of which two parts are in, and one that the laboratory has only taken in."""
    ordered = order(chart, visit, BMP, "active")
    early = [measured(chart, visit, part, value, ordered=ordered) for part, value in
             ((BMP.analytes[0], 91), (BMP.analytes[4], 139))]  # fmt: skip
    for resource in chart.resources[-2:]:
        resource["status"] = "preliminary"
    report(chart, visit, BMP, early, ordered=ordered, status="preliminary")
    later = Panel("2276-4", "Ferritin [Mass/volume] in Serum or Plasma", "Ferritin", ())
    expected = told(
        chart,
        visit,
        concept(LOINC, later.loinc, later.display, later.name),
        {},
        status="registered",
        dataAbsentReason=concept(HL7 + "data-absent-reason", "temp-unknown", "Temporarily Unknown"),
    )
    del chart.last()["issued"]
    report(chart, visit, later, [expected], ordered=order(chart, visit, later, "active"), status="registered")


def words_and_bounds(chart: Chart, visit: Visit) -> None:
    """Below the limit of detection, a ratio, a code, plain words; with a range in words or none."""
    word_test(chart, visit, _CRP, {"valueQuantity": quantity(0.2, "mg/L", comparator="<")},
              referenceRange=[{"high": quantity(3, "mg/L"), "text": "< 3.0"}])  # fmt: skip
    told(chart, visit, concept(LOINC, TSH.loinc, TSH.display, TSH.name),
         {"valueQuantity": quantity(0.01, "m[IU]/L", comparator="<")}, interpretation=interpretation("LL"),
         referenceRange=[{"low": quantity(0.4, "m[IU]/L"), "high": quantity(4, "m[IU]/L")}],
         note=[{"text": "Below the limit that our method can measure."}])  # fmt: skip
    word_test(
        chart,
        visit,
        ANTIBODIES,
        {"valueRatio": {"numerator": quantity(1, "1"), "denominator": quantity(80, "1")}},
        referenceRange=[{"text": "< 1:40"}],
    )
    word_test(chart, visit, VIRUSES, {"valueCodeableConcept": ABSENT}, referenceRange=[{"text": "Not detected"}])
    word_test(chart, visit, BLOOD_GROUP, {"valueCodeableConcept": {"text": "O positive"}})
    told(chart, visit, _HCG, {"valueString": "Negative"})
    # A local test without any standard code, unit or range.
    told(chart, visit, {"coding": [{"system": "urn:oid:1.2.840.114350.1.13.0.1.7.5.737384.5", "code": "LAB1230"}],
                        "text": "Fecal occult blood, home kit"}, {"valueBoolean": False})  # fmt: skip
    told(chart, visit, {"text": "Sweat test index"}, {"valueQuantity": {"value": 12.50}})


def other_clocks(chart: Chart, visit: Visit) -> None:
    """Results from elsewhere: another offset, a month, a year, a period, and a day alone."""
    half_past = chart.days.day(visit.ago + 40)
    whens: list[Json] = [
        {"effectiveDateTime": f"{half_past}T23:30:00+09:00"},
        {"effectiveDateTime": chart.days.month(800)},
        {"effectiveDateTime": chart.days.year(2200)},
        {"effectiveDateTime": chart.days.day(500)},
        {"effectivePeriod": {"start": chart.days.at(300, "08:00"), "end": chart.days.at(299, "08:00")}},
        {},
    ]
    for number, when in enumerate(whens):
        measured(chart, visit, A1C, round(5.3 + number / 10, 1))
        own = chart.last()
        del own["encounter"], own["effectiveDateTime"], own["performer"]
        own.update(when)
        if number == 2:
            del own["issued"]


def many_ranges(chart: Chart, visit: Visit) -> None:
    """One value, three ranges: what is usual, what the team aims at, and one that is for others."""
    measured(chart, visit, A1C, 6.4)
    kinds = [("normal", "Normal Range", 4, 5.6), ("recommended", "Recommended Range", 5, 7)]
    chart.last()["referenceRange"] = [
        {
            "low": quantity(low, "%"),
            "high": quantity(high, "%"),
            "type": concept(HL7 + "referencerange-meaning", code, name),
        }
        for code, name, low, high in kinds
    ] + [{"high": quantity(6, "%"), "text": "In pregnancy", "appliesTo": [{"text": "pregnant"}]}]


def group_without_report(chart: Chart, visit: Visit) -> None:
    """A panel that is an Observation with members, as some EHRs have it, without any DiagnosticReport."""
    parts = [measured(chart, visit, part, value) for part, value in
             zip(BMP.analytes[:3], (90, 12, 0.81), strict=True)]  # fmt: skip
    chart.add("Observation", {
        "status": "final", "category": LABORATORY,
        "code": concept(LOINC, BMP.loinc, BMP.display, BMP.name),
        "subject": chart.subject, "encounter": reference(visit.reference),
        "effectiveDateTime": chart.days.at(visit.ago, visit.clock, 35),
        "hasMember": [reference(part) for part in parts],
    }, "us-core-observation-lab")  # fmt: skip


def cancelled_test(chart: Chart, visit: Visit) -> None:
    told(
        chart,
        visit,
        concept(LOINC, "2132-9", "Cobalamin (Vitamin B12) [Mass/volume] in Serum or Plasma", "Vitamin B12"),
        {},
        status="cancelled",
        dataAbsentReason=concept(HL7 + "data-absent-reason", "not-performed", "Not Performed"),
        note=[{"text": "The sample clotted. Please draw again."}],
    )


def all_of_them(chart: Chart, visit: Visit, newest: Visit) -> None:
    withdrawn_and_corrected(chart, visit)
    words_and_bounds(chart, visit)
    other_clocks(chart, visit)
    many_ranges(chart, visit)
    group_without_report(chart, visit)
    cancelled_test(chart, visit)
    waiting(chart, newest)
