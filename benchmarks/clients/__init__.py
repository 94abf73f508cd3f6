"""Clients of others at our SPARQL endpoint, too heavy for the tests; docs/clients.md has a run."""
