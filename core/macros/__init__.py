"""The macro engine: `{{…}}` in texts that card and preset authors wrote."""
