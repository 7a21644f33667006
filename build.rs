//! Tells the linker where `ednas-train` finds libtorch when it starts, so that nobody has to set
//! LD_LIBRARY_PATH.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    if env::var_os("CARGO_FEATURE_TRAIN").is_none() {
        return;
    }
    if let Ok(libtorch) = env::var("LIBTORCH") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{libtorch}/lib");
    }
}
