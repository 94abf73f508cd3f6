"""How good experts and partners are: pooled, judged twice and blind, compared with plain voting."""
