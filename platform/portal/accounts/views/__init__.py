"""The pages of accounts, by task: signing in, the second step, passwords, the account, the staff's start page."""
