"""The hospitals: who they are, on which hosts, in which schema, and their life from creation to deletion.

Nothing here knows a patient, a page or a bill. Other packages hook into a hospital's making through
`foundation.registry.on_hospital_created`.
"""
