"""The same without hospitals: no tenancy in the middleware, none in the database connection."""

from config.settings.bench import *  # noqa: F403
from config.settings.bench import DATABASES, MIDDLEWARE

MIDDLEWARE = [name for name in MIDDLEWARE if name != "tenants.middleware.HospitalMiddleware"]
DATABASES = {"default": {**DATABASES["default"], "ENGINE": "config.bench.plain_database"}}
DATABASE_ROUTERS = []
