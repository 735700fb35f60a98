"""The home page: a frame with an order, filled by cards that other packages register. It knows none of them."""
