"""Templates, prompt lists and sampler values, ours and other people's."""
