"""The database backend: a connection that stands in one hospital, in `public` by name, or in nothing."""
