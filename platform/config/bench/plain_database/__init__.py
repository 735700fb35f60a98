"""Django's own PostgreSQL backend, for the measurement without hospitals."""
