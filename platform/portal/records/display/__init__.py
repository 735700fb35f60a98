"""From frozen rows to what a page shows: words, numbers and graphics in the reader's language, made once a row.

Templates only place what is prepared here. Every quantity is `<data value>` with the source's digits, every date
`<time datetime>` with the source's precision.
"""
