"""The whole record as one tagged PDF: the same rows and words as the pages, laid out part by part."""
