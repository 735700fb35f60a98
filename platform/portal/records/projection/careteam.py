"""CareTeam: one row for each person or group that looks after somebody."""

from portal.records.projection.dates import period
from portal.records.projection.frame import Frame, Resource, header, name_of, said
from portal.records.projection.reading import concept_texts, key_of, node, nodes, reference_id, word
from portal.records.projection.rows import CareTeamMemberRow, Row

OVER = frozenset({"inactive", "suspended"})


def project_care_team(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    team = word(body, "name") or next(iter(concept_texts(body, "category")), "")
    start, end = period(node(body, "period"), frame.zone)
    rows: list[Row] = []
    for place, entry in enumerate(nodes(body, "participant")):
        member = node(entry, "member")
        target = reference_id(member)
        name = name_of(body, member, frame)
        if (target and target[0] == "Patient") or not (name or concept_texts(entry, "role")):
            continue
        since, until = period(node(entry, "period"), frame.zone)
        times = {"when": since if since.text else start, "end": until if until.text else end}
        columns = header(resource, frame, title=name, **times)
        columns["id"] = key_of(frame.source, resource.type, resource.fhir_id, str(place))
        facts = said("for", name_of(body, node(entry, "onBehalfOf"), frame))
        rows.append(
            CareTeamMemberRow(
                **columns,
                role=", ".join(concept_texts(entry, "role")),
                team=team,
                active=columns["status"] not in OVER,
                detail={"facts": facts},
            )
        )
    if not rows:
        columns = header(resource, frame, title=team, when=start, end=end)
        rows.append(CareTeamMemberRow(**columns, team=team, active=columns["status"] not in OVER))
    return rows, []
