"""The Model Context Protocol: what the HTTP API answers, as tools for a language model."""
