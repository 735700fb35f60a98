"""What the hospital keeps about a person: a copy of all of it, and having it corrected or erased (GDPR 15 to 17, 20).

What each table holds is said by the tables' own apps (`foundation.personal`). Here are the pages on which people ask,
the making of the copy, the queue in which staff answer, and the words for what other people's apps hold.
"""
