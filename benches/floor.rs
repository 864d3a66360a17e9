//! The floor: a program that only reads the files that it is given.

fn main() {
    let length: usize = std::env::args_os().skip(1).map(|name| std::fs::read(name).expect("a file").len()).sum();
    std::process::exit(i32::from(length == 0));
}
