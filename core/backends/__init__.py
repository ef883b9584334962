"""LLM servers: vendors are rows of `catalog/`, wire protocols are classes."""
