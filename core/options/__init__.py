"""What people can set, and where a value comes from."""
