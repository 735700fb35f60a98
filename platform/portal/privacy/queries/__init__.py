"""Reads: a patient's own list, the officer's, names, questions, disclosures, findings. Each read of one patient's data
is noted with that patient."""
