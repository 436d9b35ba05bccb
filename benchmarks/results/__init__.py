"""What results pages cost the voters, and how right their rank correlations are."""
