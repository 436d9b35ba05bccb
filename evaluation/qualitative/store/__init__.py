"""The vote database: ballots, votes and events, durable, with a journal and a mirror."""
