"""Django's own migrate, in the schema where the command stands. For all schemas: `manage.py hospital migrate`."""

from django.core.management.commands.migrate import Command

__all__ = ["Command"]
