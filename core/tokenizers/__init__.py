"""Token counting behind one interface."""
