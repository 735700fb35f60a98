"""The Django project: settings, URLs, the worker, and the runner that starts it all on one machine."""
