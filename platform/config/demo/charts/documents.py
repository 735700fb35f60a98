"""Visit summaries and letters: plain text, HTML and PDF, within the resource or as a Binary beside it."""

from base64 import b64encode
from hashlib import sha1

from config.demo.charts.chart import Chart, Visit
from config.demo.charts.coding import LOINC, Json, concept, reference

_TYPES = {
    "summary": ("34133-9", "Summary of episode note", "Visit summary"),
    "discharge": ("18842-5", "Discharge summary", "Discharge summary"),
    "letter": ("68609-7", "Hospital Letter", "Letter"),
    "consult": ("11488-4", "Consult note", "Consult note"),
}


_CLINICAL_NOTE = concept(
    "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note"
)


def document(chart: Chart, visit: Visit, kind: str, title: str, body: bytes, content_type: str, *,
             apart: bool = False, state: str = "current", extra: list[Json] | None = None) -> str:  # fmt: skip
    """`apart` puts the bytes in a Binary, as large documents are; `extra` are more formats of the same document."""
    attachment: Json = {
        "contentType": content_type,
        "title": title,
        "size": len(body),
        "hash": b64encode(sha1(body).digest()).decode(),  # noqa: S324  (FHIR asks for SHA-1)
        "creation": chart.days.at(visit.ago, visit.clock, 90),
    }
    if apart:
        binary = chart.add("Binary", {"contentType": content_type, "securityContext": chart.subject,
                                      "data": b64encode(body).decode()})  # fmt: skip
        attachment["url"] = binary
    else:
        attachment["data"] = b64encode(body).decode()
    return chart.add(
        "DocumentReference",
        {
            "status": state,
            "docStatus": "final",
            "type": concept(LOINC, *_TYPES[kind]),
            "category": [_CLINICAL_NOTE],
            "subject": chart.subject,
            "date": chart.days.utc(visit.ago, visit.clock, 95),
            "author": [chart.places.clinician(visit.clinician)],
            "description": title,
            "content": [{"attachment": attachment}, *(extra or [])],
            "context": {
                "encounter": [reference(visit.reference)],
                "period": {"start": chart.days.at(visit.ago, visit.clock)},
            },
        },
        "us-core-documentreference",
    )


def text_summary(chart: Chart, visit: Visit, title: str, lines: list[str], apart: bool = False) -> str:
    body = "\n".join([title, "", *lines, ""]).encode()
    return document(chart, visit, "summary", title, body, "text/plain; charset=utf-8", apart=apart)


def html_summary(chart: Chart, visit: Visit, title: str, lines: list[str]) -> str:
    rows = "".join(f"<li>{line}</li>" for line in lines)
    head = f"<!DOCTYPE html><html lang='en'><head><title>{title}</title></head>"
    page = f"{head}<body><h1>{title}</h1><ul>{rows}</ul></body></html>"
    return document(chart, visit, "summary", title, page.encode(), "text/html; charset=utf-8")


def pdf_summary(chart: Chart, visit: Visit, title: str, lines: list[str], *, apart: bool = True) -> str:
    return document(chart, visit, "letter", title, pdf([title, "", *lines]), "application/pdf", apart=apart)


def pdf(lines: list[str]) -> bytes:
    """The smallest honest PDF: one page of Helvetica, the same bytes for the same lines."""
    words = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    stream = f"BT /F1 12 Tf 18 TL 60 760 Td\n{words}\nET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table, len(out))  # fmt: skip


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
