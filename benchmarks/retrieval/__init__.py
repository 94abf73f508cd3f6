"""How well search finds what it should, over real records and documents, with ablations.

Known items across languages and subject queries come with the records; `queries.jsonl` holds what staff
would ask of documents and records. Weights are chosen on one half of each set and reported on the other.
"""
