"""Documents from strangers, read within bounds."""
