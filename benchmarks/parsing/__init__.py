"""How well files are read: titles, headings and sentences written down from looking at the files.

A sentence is kept as its first and last words, its length and a digest; the files stay in the folder of
shared data.
"""
