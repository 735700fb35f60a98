"""Invented patients as FHIR R4 resources, in the shape of US Core.

`hospital_resources(slug, day)` gives everything one hospital's EHR holds. It is a pure function of the hospital and the
day of seeding: the same bytes on each machine, with every date counted from that day, so that the next visit lies
ahead and the newest results are a few days old. Ids never depend on the day.
"""

from config.demo.charts.bundles import as_transaction, hospital_resources

__all__ = ["as_transaction", "hospital_resources"]
