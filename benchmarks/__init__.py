"""How fast the product is, measured beside pgbench and django-hordak on one server: `python -m benchmarks`.

docs/performance.md says how to read the figures. A new measurement is a module in `measures/` and a line in
`registry.py`.
"""
