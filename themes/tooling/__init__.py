"""Scripts that cut fonts, build the sprite and put the style sheet together. Their results are committed."""
