"""The servers and models that connections lead to, and what is known of them."""
