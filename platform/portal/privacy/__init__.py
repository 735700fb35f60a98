"""Who looked at whose record: the patient's own page, the privacy officer's search and exports, the accounting of
disclosures, the report of unusual looks.

What happened stands in `foundation.audit`; here are the words for it, the questions about it and what the officer wrote
down. No clinical content.
"""
