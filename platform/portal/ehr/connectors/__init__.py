"""One folder a kind of source. Each can be deleted together with its line in `portal.ehr.registry`."""
