"""How well mentions are found and linked: pages drawn by a seed, two independent passes, one figure.

Only offsets and IRIs are kept here; the texts stay in the folder of shared data.
"""
