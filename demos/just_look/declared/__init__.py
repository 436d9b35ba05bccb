"""What the owner of a study declares on its results page: people invited, a preregistration, an id that is free."""
