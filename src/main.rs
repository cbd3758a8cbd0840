//! The `stalelab` command.

fn main() {}
