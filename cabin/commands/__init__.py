"""One module per command. Each parses, calls one function, prints through `cabin.output` and returns an exit code: no rules, no SQL."""
