"""The pages of the record. Each view: gate, rows, display, template."""
