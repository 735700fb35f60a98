"""The hospital's electronic health record, seen from here: connectors, the mirror, and the synchronisation.

A connector speaks to one EHR and answers in FHIR R4 resources. The mirror keeps each resource as it came and every
earlier body of it; nothing is thrown away. What pages show is made from the mirror by projectors that other apps
register (`foundation.registry.projectors`). No page of a patient's and no clinical meaning lives here.
"""
