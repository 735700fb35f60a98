"""Who may see what: the patients of a hospital, who holds a grant on which of them, and the gates that ask.

Object rights exist on the patient alone; whatever else there is (results, visits, messages) derives its right from
the patient it belongs to. How people prove who they are is not decided here (`portal.accounts`), and nothing clinical
is kept here.
"""
