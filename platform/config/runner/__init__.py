"""What `make` runs: the environment, the embedded database and broker, and one supervisor over the demo's processes.

Here lives what a developer's machine needs and a hospital's server does not. Nothing of the product may stand on it:
the portal knows DATABASE_URL and REDIS_URL, and not who started what is behind them.

`__main__`, `environment`, `errors`, `progress`, `locks`, `install` and `clean` also run on the Python that the machine
came with (3.8 or newer), before the portal's own is there: the standard library alone, and no newer syntax.
"""
