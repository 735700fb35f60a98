"""The pages. Each view: gate, rows, template."""
