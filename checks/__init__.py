"""What is checked and listed beside the tests: the linters' settings, an audit of the dependencies, an SBOM."""
