"""Where the tabs' work is done: `engine` says what can be asked, `local` does it in this process."""
