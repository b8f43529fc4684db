//! Prepares the shell's build: the windows' permissions and the list of the shell's own commands.

fn main() {
    // The windows' pages are embedded: a new build of them makes a new shell.
    println!("cargo::rerun-if-changed=../ui/dist");
    // Naming the commands makes each of them need a permission in `capabilities/`: none is open by default.
    let commands = tauri_build::AppManifest::new().commands(&[
        "rpc",
        "hand_in",
        "pick_files",
        "pick_folder",
        "shell_ready",
        "subscribe",
        "swap_screens",
    ]);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)) {
        println!("cargo::error={error:#}");
    }
}
