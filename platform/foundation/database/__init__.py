"""The database backend: a connection that stands in one hospital, in `public` by name, or in nothing.

Here live the wall itself (`base`), the databases' roles and their rights (`roles`, `rights`), the way to the owner's
rights for the one process that has them (`owner`) and what is looked at before anything is served (`starting`). No
table, and nothing that knows a patient.
"""

from foundation.database.owner import NotTheOwner, as_owner

__all__ = ["NotTheOwner", "as_owner"]
