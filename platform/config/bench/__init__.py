"""`make bench`: what Portico's speed costs and is worth, each figure beside its reference from the same run.

Everything it measures it makes itself, in databases named `portico_bench...` on the given server. It holds the pages
that only a measurement needs (`urls`, under `config.settings.bench` alone). Nothing here is imported by the portal.
"""
