"""Questions in words: recognised by the labels of the ontology and of the data, answered by SPARQL.

    text -> words -> mentions -> Question -> Pattern -> SPARQL
            words    lexicon     read        plan      sparql

Nothing here knows a question: what a word may mean is what the graph calls by it at the caller's level.
"""
