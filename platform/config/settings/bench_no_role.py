"""The same without the hospitals' database roles: the search path alone. For the measurement, and nothing else."""

from config.settings.bench import *  # noqa: F403

PORTICO_DATABASE_ROLES = False
