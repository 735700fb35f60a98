"""Subcommands of `manage.py hospital`: connect an EHR, synchronise it."""
