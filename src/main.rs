//! The `wt` program; everything is in the library.

fn main() -> std::process::ExitCode {
    wt::cli::main()
}
