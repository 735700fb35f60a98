"""The pages: one's own data, and the queue of those who answer."""
