"""The tab for voting: ballots, rating sessions, results."""
