"""What `make` runs: plain scripts that need nothing but Python's standard library."""
