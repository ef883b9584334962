"""Every sentence people are told when something does not work."""
