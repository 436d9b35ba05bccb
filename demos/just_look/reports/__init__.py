"""What is computed from the votes of studies for pages, the API and files, in a process beside the app."""
