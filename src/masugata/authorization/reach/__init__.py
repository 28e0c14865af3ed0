"""Who may do what in whole accounts: who-can, what-can, and how rights may grow."""
