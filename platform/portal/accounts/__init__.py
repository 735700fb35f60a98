"""People who sign in: their names and roles, passwords, second factors, recovery codes, sessions, one-time links.

Installed in `public` (the vendor's people) and again in each hospital (its patients and staff); no row is shared, and
no row, link, cookie or code of one place opens another. What a person may see is not decided here (`portal.access`),
and nothing clinical is known here.
"""
