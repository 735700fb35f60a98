"""What a hospital says: Wagtail's pages, in the hospital's own schema. Not routed yet;
a new hospital's site is made here.

No patient's data is ever a page.
"""
