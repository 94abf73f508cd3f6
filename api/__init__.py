"""The surface: HTTP, portal, command line."""
