"""The copy of everything: one ZIP, written row by row as the tables are read, so that a large record takes no more
memory than a small one."""
