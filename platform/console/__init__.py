"""The vendor's pages, on the public host: which hospitals there are and how they fare. No patient's data is here."""
