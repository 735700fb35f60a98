"""What every package of Portico stands on: tenancy, actions, audit, permissions, clock, keys, safe outbound HTTP.

Nothing here knows a hospital's business: no patient, no page, no model of another package.
"""
