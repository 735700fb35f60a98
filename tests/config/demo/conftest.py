"""The demo's tests talk to a real sandbox EHR."""

from tests.sandbox import fresh_sandbox_ehr, sandbox_ehr

__all__ = ["fresh_sandbox_ehr", "sandbox_ehr"]
