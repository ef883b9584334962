"""From one frozen `Context` to one finished `Prompt`."""
