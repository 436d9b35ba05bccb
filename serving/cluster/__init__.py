"""The engine on a Ray cluster: replicas that hold the networks, behind one process that holds the page.

`engine.py` keeps the contract in the page's process and imports no torch; `replicas.py` is what runs on the cluster.
"""
