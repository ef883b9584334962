"""How much may go out and come in: requests to Discord, turns of people."""
