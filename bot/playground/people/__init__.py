"""What people do: write, click, run commands."""
