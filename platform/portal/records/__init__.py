"""The record that patients read: typed rows projected from the mirror, the gates in front of them, and their pages.

Nothing here talks to a hospital's system: `portal.ehr` brings resources, this package turns them into rows, words and
graphics. Reads go through `queries`, whose first argument is the viewer.
"""
