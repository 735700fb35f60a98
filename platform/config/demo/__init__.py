"""The demo: two invented hospitals, their patients, a sandbox EHR that serves them, and the people who sign in.

Only `make demo` and the tests import this package. Nothing here may be needed by a hospital in production, and no
name, number or finding in it belongs to a living person.
"""
