"""The hospital's look is nobody's data."""

from foundation.personal import Holds, hold_nothing

hold_nothing("themes.Brand", what=Holds.TECHNICAL)
