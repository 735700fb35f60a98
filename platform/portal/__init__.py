"""What a hospital's people do, one app per thing: sign in, see their record, talk to their care team.

Lives here: the pages and rules of one hospital, always inside that hospital's schema. Does not live here: which
hospitals there are (`tenants`), how they look (`themes`), the vendor's own pages (`console`).
"""
