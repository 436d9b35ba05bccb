"""Rating sessions as TOML files, and the command that checks them and draws their pictures ahead."""
