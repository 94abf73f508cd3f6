"""Sources in, knowledge out."""
