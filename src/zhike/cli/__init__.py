"""The `zhike` command. Each subcommand has a module of its own; `main` lists them."""
