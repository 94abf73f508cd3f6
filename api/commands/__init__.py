"""The commands of `kg`; a module is imported by `api.cli`, an engine when a command needs it."""
