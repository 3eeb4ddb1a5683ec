"""One module per measurement; `benchmarks.registry` lists them."""
