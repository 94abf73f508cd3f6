"""How sentences say things: words, cues, quantities and the rules over them, German and English."""
