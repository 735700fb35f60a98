"""White label: one brand colour becomes design tokens, CSS variables and a page that people can read.

Here live the brand of a hospital, the design system (CSS, fonts, icons, small script), the base templates, the form
renderer, template tags for graphics and dates, and the pages of errors. Nothing here knows a patient or a record: what
is shown is handed in by the apps above.
"""
