//! Tells cargo that the binary embeds `data/` and `models/`.

fn main() {
    println!("cargo:rerun-if-changed=data");
    println!("cargo:rerun-if-changed=models");
}
