"""What the themes announce to the apps above them."""

from django.dispatch import Signal

# Sent with `request` and `language` after a person chose a language; accounts keeps it on the profile.
language_chosen = Signal()
