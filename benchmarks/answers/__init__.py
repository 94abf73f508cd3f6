"""How well questions are answered: answer sets, both languages, traps and what nothing answers."""
