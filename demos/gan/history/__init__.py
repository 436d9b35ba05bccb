"""How a training went: its snapshots, losses and scores, alone or beside another."""
