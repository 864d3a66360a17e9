//! `--write`: the file is the old one or the new one, whole, whatever happens; and what belongs to it is kept.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    files::Keep,
    support::{
        measure::ENDLESS,
        program::{FIT, Folder, Ran},
    },
};

const LEGACY: &str = "networkType: overlay\nclusterMode: legacy # why\n";

fn migrated() -> String {
    LEGACY.replace("legacy", "migrateLegacyToClas")
}

fn write(file: &str) -> String {
    format!("migrate -q --write -f {file} {FIT}")
}

/// The file is the new one, and nothing else is in the folder.
#[track_caller]
fn is_written(folder: &Folder, name: &str, names: &[&str]) {
    assert_eq!(String::from_utf8(folder.read(name)).unwrap(), migrated());
    assert_eq!(folder.names(), names);
}

/// The file is the old one, and nothing else is in the folder.
#[track_caller]
fn is_untouched(folder: &Folder, name: &str, names: &[&str]) {
    assert_eq!(String::from_utf8(folder.read(name)).unwrap(), LEGACY);
    assert_eq!(folder.names(), names);
}

fn skipped(why: &str) {
    println!("skipped: {why}");
}

fn is_root(folder: &Folder) -> bool {
    fs::metadata(folder.path(".")).unwrap().uid() == 0
}

// What is kept.

#[test]
fn the_mode_is_kept() {
    for mode in [0o600, 0o640, 0o664, 0o755, 0o606] {
        let folder = Folder::with("v.yaml", LEGACY);
        fs::set_permissions(folder.path("v.yaml"), fs::Permissions::from_mode(mode)).unwrap();
        folder.sh(&format!("umask 077; helm-clas {}", write("v.yaml"))).exits(0);
        is_written(&folder, "v.yaml", &["v.yaml"]);
        assert_eq!(fs::metadata(folder.path("v.yaml")).unwrap().mode() & 0o7777, mode, "{mode:o}");
    }
}

#[test]
fn the_owner_is_kept_where_that_is_permitted() {
    const SOMEONE: (u32, u32) = (65534, 54321);
    let folder = Folder::with("v.yaml", LEGACY);
    if !is_root(&folder) || chown(folder.path("v.yaml"), Some(SOMEONE.0), Some(SOMEONE.1)).is_err() {
        return skipped("only root can give a file away");
    }
    fs::set_permissions(folder.path("v.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    folder.run(&write("v.yaml")).exits(0);
    is_written(&folder, "v.yaml", &["v.yaml"]);
    let metadata = fs::metadata(folder.path("v.yaml")).unwrap();
    assert_eq!((metadata.uid(), metadata.gid(), metadata.mode() & 0o7777), (SOMEONE.0, SOMEONE.1, 0o640));
}

#[test]
fn who_may_not_keep_the_owner_is_told_and_grants_nobody_anything() {
    let folder = Folder::with("v.yaml", LEGACY);
    let foreign = chown(folder.path("v.yaml"), Some(54320), Some(54321));
    if !is_root(&folder) || foreign.is_err() || folder.sh("command -v setpriv").code != Some(0) {
        return skipped("only root can give a file away and become somebody else");
    }
    fs::set_permissions(folder.path("v.yaml"), fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(folder.path("."), fs::Permissions::from_mode(0o777)).unwrap();
    folder.sh("cp \"$(command -v helm-clas)\" . && chmod 755 helm-clas").exits(0);
    let as_somebody = "setpriv --reuid 65534 --regid 65534 --clear-groups ./helm-clas";
    let ran = folder.sh(&format!("{as_somebody} {}", write("v.yaml"))).exits(0);
    assert!(ran.stderr.contains("note: the file is now yours: only root can keep its owner\n"), "{ran}");
    assert_eq!(folder.read("v.yaml"), migrated().as_bytes());
    let metadata = fs::metadata(folder.path("v.yaml")).unwrap();
    assert_eq!((metadata.uid(), metadata.gid(), metadata.mode() & 0o7777), (65534, 65534, 0o606));
}

#[test]
fn a_symbolic_link_stays_one() {
    let folder = Folder::new();
    for inner in ["real", "links"] {
        fs::create_dir(folder.path(inner)).unwrap();
    }
    folder.write("real/v.yaml", LEGACY);
    symlink("../real/v.yaml", folder.path("links/relative")).unwrap();
    symlink(folder.path("links/relative"), folder.path("links/absolute")).unwrap();
    symlink("links/absolute", folder.path("chain")).unwrap();

    folder.run(&write("chain")).exits(0);
    is_written(&folder, "chain", &["chain", "links", "real"]);
    assert_eq!(folder.read("real/v.yaml"), migrated().as_bytes());
    for (link, target) in [("links/relative", Path::new("../real/v.yaml")), ("chain", Path::new("links/absolute"))] {
        assert_eq!(fs::read_link(folder.path(link)).unwrap(), target);
    }
    assert!(!fs::symlink_metadata(folder.path("real/v.yaml")).unwrap().is_symlink());
    for inner in ["real", "links"] {
        let names = fs::read_dir(folder.path(inner)).unwrap().count();
        assert_eq!(names, if inner == "real" { 1 } else { 2 }, "litter in {inner}");
    }
}

#[test]
fn a_symbolic_link_to_nothing_stays_one() {
    let folder = Folder::new();
    symlink("nowhere.yaml", folder.path("v.yaml")).unwrap();
    folder
        .run(&write("v.yaml"))
        .exits(2)
        .prints("")
        .says("error: cannot read v.yaml: it is a symbolic link to nowhere.yaml");
    assert_eq!(fs::read_link(folder.path("v.yaml")).unwrap(), Path::new("nowhere.yaml"));
    assert_eq!(folder.names(), ["v.yaml"]);
}

#[test]
fn a_hard_link_is_noted() {
    let folder = Folder::with("v.yaml", LEGACY);
    fs::hard_link(folder.path("v.yaml"), folder.path("other.yaml")).unwrap();
    folder.run(&write("v.yaml")).exits(0).says("note: the file has other names (hard links)");
    is_written(&folder, "v.yaml", &["other.yaml", "v.yaml"]);
    is_untouched(&folder, "other.yaml", &["other.yaml", "v.yaml"]);
}

#[test]
fn what_changes_nothing_writes_nothing() {
    let folder = Folder::with("v.yaml", LEGACY);
    let identity = || {
        let metadata = fs::metadata(folder.path("v.yaml")).unwrap();
        (metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec())
    };
    let before = identity();
    folder.run(&format!("revert --write -f v.yaml {FIT}")).exits(0).says("already legacy");
    folder.run(&format!("migrate --finish --write -f v.yaml {FIT}")).exits(1);
    folder.run(&format!("migrate -f v.yaml {FIT}")).exits(0);
    assert_eq!(identity(), before);
    folder.run(&write("v.yaml")).exits(0);
    let between = identity();
    assert_ne!(between.0, before.0, "the new content is a new file");
    folder.run(&write("v.yaml")).exits(0).prints("").says_only("");
    assert_eq!(identity(), between);
    is_written(&folder, "v.yaml", &["v.yaml"]);
}

#[test]
fn a_path_of_any_shape_is_written() {
    let name = "x".repeat(250) + ".yml";
    let folder = Folder::with(&name, LEGACY);
    folder.run(&write(&format!("./{name}"))).exits(0);
    is_written(&folder, &name, &[&name]);

    fs::create_dir(folder.path("inner")).unwrap();
    fs::remove_file(folder.path(&name)).unwrap();
    folder.write("v.yaml", LEGACY);
    folder.sh(&format!("cd inner && helm-clas {}", write("../v.yaml"))).exits(0);
    is_written(&folder, "v.yaml", &["inner", "v.yaml"]);
    folder.write("v.yaml", LEGACY);
    folder.run(&write(folder.path("v.yaml").to_str().unwrap())).exits(0);
    is_written(&folder, "v.yaml", &["inner", "v.yaml"]);
}

/// Python's view of access control lists and attributes: this system may lack `setfacl`.
const ATTRIBUTES: &str = "import os, struct, sys
def acl(*entries): return struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *entry) for entry in entries)
NONE = 0xffffffff
LIST = lambda group: acl((1, 6, NONE), (2, 4, 65534), (4, group, NONE), (16, 4, NONE), (32, 0, NONE))
ACL, DEFAULT = 'system.posix_acl_access', 'system.posix_acl_default'
";

/// Runs a script of Python in a folder; false where the file system has no such attributes.
fn python(folder: &Folder, script: &str) -> bool {
    folder.write(
        "script.py",
        format!("{ATTRIBUTES}try:\n  {script}\nexcept OSError as error:\n  sys.exit(error.errno)\n"),
    );
    let code = folder.sh("python3 script.py").code;
    fs::remove_file(folder.path("script.py")).unwrap();
    assert!(matches!(code, Some(0 | 95)), "{script}: {code:?}");
    code == Some(0)
}

#[test]
fn an_access_control_list_and_attributes_go_with_the_file() {
    let folder = Folder::with("v.yaml", LEGACY);
    fs::set_permissions(folder.path("v.yaml"), fs::Permissions::from_mode(0o600)).unwrap();
    let is_set = python(&folder, "os.setxattr('v.yaml', ACL, LIST(0)); os.setxattr('v.yaml', 'user.origin', b'a')");
    if !is_set {
        return skipped("no attributes on this file system");
    }
    folder.run(&write("v.yaml")).exits(0).says_only("");
    is_written(&folder, "v.yaml", &["v.yaml"]);
    let same = "assert os.getxattr('v.yaml', ACL) == LIST(0) and os.getxattr('v.yaml', 'user.origin') == b'a'";
    assert!(python(&folder, same));
}

#[test]
fn the_default_list_of_a_folder_adds_no_reader() {
    let folder = Folder::with("v.yaml", LEGACY);
    fs::set_permissions(folder.path("v.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    if !python(&folder, "os.setxattr('.', DEFAULT, LIST(4))") {
        return skipped("no access control lists on this file system");
    }
    folder.run(&write("v.yaml")).exits(0).says_only("");
    is_written(&folder, "v.yaml", &["v.yaml"]);
    assert!(python(&folder, "assert ACL not in os.listxattr('v.yaml') and os.stat('v.yaml').st_mode & 0o777 == 0o640"));
}

#[test]
fn what_would_be_lost_is_named_and_the_file_is_left_unless_that_is_asked_for() {
    let folder = Folder::with("v.yaml", LEGACY);
    let label = "os.setxattr('v.yaml', 'security.label', b'x')";
    if !is_root(&folder) || folder.sh("command -v setpriv").code != Some(0) || !python(&folder, label) {
        return skipped("only root can set an attribute that others may not set");
    }
    folder.sh("chmod 777 . && chmod 666 v.yaml && cp \"$(command -v helm-clas)\" . && chmod 755 helm-clas").exits(0);
    let run = |more: &str| {
        folder.sh(&format!("setpriv --reuid 65534 --regid 65534 --clear-groups ./helm-clas {} {more}", write("v.yaml")))
    };
    run("")
        .exits(2)
        .says("error: cannot write v.yaml: the new file would lose its extended attribute `security.label`\n")
        .says("--drop-attributes writes it anyway");
    is_untouched(&folder, "v.yaml", &["helm-clas", "v.yaml"]);
    run("--drop-attributes").exits(0).says("note: the file has lost its extended attribute `security.label`\n");
    is_written(&folder, "v.yaml", &["helm-clas", "v.yaml"]);
}

#[test]
fn the_group_does_not_gain_from_the_mask_of_a_list() {
    let folder = Folder::with("v.yaml", LEGACY);
    let foreign = chown(folder.path("v.yaml"), Some(54320), Some(54321));
    if !is_root(&folder) || foreign.is_err() || folder.sh("command -v setpriv").code != Some(0) {
        return skipped("only root can give a file away and become somebody else");
    }
    let list =
        "os.setxattr('v.yaml', ACL, acl((1, 6, NONE), (2, 6, 65534), (4, 4, NONE), (16, 6, NONE), (32, 0, NONE)))";
    if !python(&folder, list) {
        return skipped("no access control lists on this file system");
    }
    folder.sh("chmod 777 . && cp \"$(command -v helm-clas)\" . && chmod 755 helm-clas").exits(0);
    let as_other = "setpriv --reuid 65534 --regid 65534 --clear-groups ./helm-clas";
    folder.sh(&format!("{as_other} {}", write("v.yaml"))).exits(0).says("note: the file is now yours");
    // the group is another one now, and may do nothing; whom the list names may do what it could
    let closed = "assert os.getxattr('v.yaml', ACL) == acl((1, 6, NONE), (2, 6, 65534), (4, 0, NONE), (16, 6, NONE), (32, 0, NONE))";
    assert!(python(&folder, closed));
}

#[test]
fn a_file_that_is_empty_is_left_to_who_writes_it() {
    let folder = Folder::with("v.yaml", "");
    let failure =
        crate::files::replace(folder.path("v.yaml"), b"", b"clusterMode: clas\n", Keep::Everything).unwrap_err();
    assert!(failure.to_string().contains("is empty, or was while it was read"), "{failure}");
    assert_eq!((folder.read("v.yaml"), folder.names()), (Vec::new(), vec!["v.yaml".to_owned()]));
    folder.write("v.yaml", " \n");
    let failure = crate::files::replace(folder.path("v.yaml"), LEGACY.as_bytes(), b"x", Keep::Everything).unwrap_err();
    assert!(failure.to_string().contains("was changed by someone else"), "{failure}");
}

#[test]
fn an_answer_that_does_not_arrive_says_that_the_file_was_changed() {
    if !Path::new("/dev/full").exists() {
        return skipped("no device that is always full");
    }
    for form in ["", "-o json"] {
        let folder = Folder::with("v.yaml", LEGACY);
        let ran = folder.sh(&format!("helm-clas {} {form} >/dev/full", write("v.yaml"))).exits(2);
        ran.says("error: cannot write to standard output").says("note: v.yaml was changed before this\n");
        is_written(&folder, "v.yaml", &["v.yaml"]);
    }
    let folder = Folder::with("v.yaml", "pce_url: a.b:8443\nclusterMode: LEGACY\ncluster_id: x\n");
    for form in ["-o json", "-o sarif"] {
        folder.write("v.yaml", "pce_url: a.b:8443\nclusterMode: legcy\n");
        let ran = folder.sh(&format!("helm-clas check --fix --partial v.yaml {form} >/dev/full"));
        if folder.read("v.yaml").ends_with(b"legacy\n") {
            ran.exits(2).says("note: v.yaml was changed before this\n");
        }
    }
}

/// The stream that works says what the other one cannot; between programs the answer has a place for it.
#[test]
fn words_that_do_not_arrive_are_said_in_the_answer() {
    if !Path::new("/dev/full").exists() {
        return skipped("no device that is always full");
    }
    let folder = Folder::new();
    let forms = [("", NOTE), ("-o markdown", "\nThe file is changed. Now run\n"), ("-o json", "\"written\": true")];
    for (form, said) in forms {
        folder.write("v.yaml", LEGACY);
        // where nothing is printed beside the answer, all arrives
        let code = if form.is_empty() { 2 } else { 0 };
        let ran = folder.sh(&format!("helm-clas {} {form} 2>/dev/full", loud("v.yaml"))).exits(code);
        is_written(&folder, "v.yaml", &["v.yaml"]);
        assert!(ran.stdout.contains(said), "{form}: {ran}");
        // where neither works, the exit code alone says so
        folder.write("v.yaml", LEGACY);
        folder.sh(&format!("helm-clas {} {form} >/dev/full 2>&1", loud("v.yaml"))).exits(2);
    }
    let fix = "helm-clas check --fix --strict --partial v.yaml";
    for (form, said) in [("", NOTE), ("--diff", NOTE), ("-o json", "\"repaired\": 1")] {
        folder.write("v.yaml", "pce_url: a.b:8443\nclusterMode: LEGACY\ncluster_token: x\n");
        let ran = folder.sh(&format!("{fix} {form} 2>/dev/full"));
        assert!(folder.read("v.yaml").starts_with(b"pce_url: a.b:8443\nclusterMode: legacy\n"), "{ran}");
        // between programs nothing is printed beside the answer
        let ran = ran.exits(if form == "-o json" { 1 } else { 2 });
        assert!(ran.stdout.contains(said), "{form}: {ran}");
    }
    // a reader that goes away before all is printed
    folder.write("v.yaml", LEGACY);
    folder.sh(&format!("{{ helm-clas {} 2>&1 >out; echo $? >code; }} | head -n 0; sleep 0.1", loud("v.yaml")));
    assert_eq!(folder.read("code"), b"2\n");
    assert!(String::from_utf8_lossy(&folder.read("out")).contains(NOTE));
    // what changed nothing has nothing to report
    folder.sh("helm-clas check --partial v.yaml 2>&1 | head -n 0; echo $?").exits(0);
    folder.write("v.yaml", LEGACY);
    folder.sh(&format!("helm-clas {} 2>/dev/full", write("v.yaml"))).exits(0);
}

/// The same with all remarks about it.
fn loud(file: &str) -> String {
    write(file).replace(" -q", "")
}

const NOTE: &str = "note: v.yaml was changed before this\n";

#[test]
fn the_diff_of_a_symbolic_link_names_the_file_that_is_changed() {
    let folder = Folder::new();
    fs::create_dir(folder.path("real")).unwrap();
    folder.write("real/v.yaml", LEGACY);
    symlink("real/v.yaml", folder.path("link.yaml")).unwrap();
    symlink("real", folder.path("way")).unwrap();
    for name in ["link.yaml", "way/v.yaml"] {
        let ran = folder.run(&format!("migrate -q -f {name} {FIT}")).exits(0);
        assert!(ran.stdout.starts_with("--- a/real/v.yaml\n+++ b/real/v.yaml\n"), "{ran}");
    }
}

// What cannot be written.

#[test]
fn a_file_that_may_not_be_written_is_not_replaced() {
    let folder = Folder::with("v.yaml", LEGACY);
    let Some(bound) = folder.bound_by_modes() else {
        return skipped("root, and no setpriv that takes its powers away");
    };
    let ran = folder.sh(&format!("chmod 0400 v.yaml; {bound} helm-clas {}", write("v.yaml")));
    ran.exits(2).prints("").says_only("error: cannot write v.yaml: Permission denied (os error 13)\n");
    is_untouched(&folder, "v.yaml", &["v.yaml"]);
    assert_eq!(fs::metadata(folder.path("v.yaml")).unwrap().mode() & 0o7777, 0o400);
}

#[test]
fn a_folder_that_takes_no_new_file_is_named_as_the_reason() {
    let folder = Folder::new();
    fs::create_dir(folder.path("inner")).unwrap();
    folder.write("inner/v.yaml", LEGACY);
    let Some(bound) = folder.bound_by_modes() else {
        return skipped("root, and no setpriv that takes its powers away");
    };
    let ran = folder.sh(&format!("chmod 0500 inner; {bound} helm-clas {}", write("inner/v.yaml")));
    let ran = ran
        .exits(2)
        .prints("")
        .says("error: cannot write inner/v.yaml: no new file can be created in its folder: permission");
    assert!(!ran.stderr.contains(".helm-clas-"), "{ran}");
    folder.sh("chmod 0700 inner && ls -A inner").exits(0).prints("v.yaml\n");
    is_untouched(&folder, "inner/v.yaml", &["inner"]);
}

#[test]
fn a_folder_that_cannot_be_read_is_written_to() {
    let folder = Folder::new();
    fs::create_dir(folder.path("inner")).unwrap();
    folder.write("inner/v.yaml", LEGACY);
    let Some(bound) = folder.bound_by_modes() else {
        return skipped("root, and no setpriv that takes its powers away");
    };
    folder.sh(&format!("chmod 0300 inner; {bound} helm-clas {}", write("inner/v.yaml"))).exits(0).says_only("");
    folder.sh("chmod 0700 inner && ls -A inner").exits(0).prints("v.yaml\n");
    is_written(&folder, "inner/v.yaml", &["inner"]);
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let folder = Folder::new();
    let script = format!(
        "mkdir disk && mount -t tmpfs -o size=96k none disk || exit 77
         {{ printf '%70000s\\n' '#'; echo 'clusterMode: legacy'; }} >disk/v.yaml && cp disk/v.yaml before || exit 78
         helm-clas {} ; code=$?
         cmp disk/v.yaml before && ls -A disk && exit $code",
        write("disk/v.yaml")
    );
    folder.write("script", script);
    // a mount of one's own: for root, or where the system lets everyone be root in a world apart
    let ways = ["unshare -m", "unshare -rm"];
    let ran = ways.iter().map(|way| folder.sh(&format!("rm -rf disk; {way} sh script")));
    let Some(ran) = ran.into_iter().find(|ran| matches!(ran.code, Some(0 | 2))) else {
        return skipped("no file system of a given size can be mounted here");
    };
    ran.exits(2)
        .prints("v.yaml\n")
        .says_only("error: cannot write disk/v.yaml: No space left on device (os error 28)\n");
}

#[test]
fn a_limit_on_the_size_of_files_leaves_the_old_file() {
    let content = format!("{}\n{LEGACY}", "#".repeat(70_000));
    let folder = Folder::with("v.yaml", &content);
    let ran = folder.sh(&format!("trap '' XFSZ; ulimit -f 8; helm-clas {} 2>&1", write("v.yaml")));
    ran.exits(2).prints("error: cannot write v.yaml: File too large (os error 27)\n");
    assert_eq!(folder.read("v.yaml"), content.as_bytes());
    assert_eq!(folder.names(), ["v.yaml"]);
}

// What happens in between.

#[test]
fn a_file_that_changed_since_it_was_read_is_left_alone() {
    let folder = Folder::with("v.yaml", "clusterMode: clas # by someone else\n");
    let name = folder.path("v.yaml").to_str().unwrap().to_owned();
    let failure = crate::files::replace(&name, LEGACY.as_bytes(), migrated().as_bytes(), Keep::Everything)
        .unwrap_err()
        .to_string();
    assert!(failure.contains("was changed by someone else in the meantime"), "{failure}");
    assert_eq!(folder.read("v.yaml"), b"clusterMode: clas # by someone else\n");
    assert_eq!(folder.names(), ["v.yaml"]);

    folder.write("v.yaml", LEGACY);
    let replaced = crate::files::replace(&name, LEGACY.as_bytes(), migrated().as_bytes(), Keep::Everything).unwrap();
    assert!(replaced.is_empty(), "{replaced:?}");
    is_written(&folder, "v.yaml", &["v.yaml"]);

    fs::remove_file(folder.path("v.yaml")).unwrap();
    let failure = crate::files::replace(&name, LEGACY.as_bytes(), migrated().as_bytes(), Keep::Everything)
        .unwrap_err()
        .to_string();
    assert!(failure.starts_with("cannot write "), "{failure}");
    assert!(folder.names().is_empty(), "a file that is gone stays gone");
}

#[test]
fn several_at_once_leave_one_whole_result() {
    let content = format!("{LEGACY}{}", "# a line\n".repeat(20_000));
    let folder = Folder::with("v.yaml", &content);
    let start = |line: &str| {
        let mut command = folder.command(line.split_whitespace());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let both = [write("v.yaml"), format!("migrate -q --finish --write -f v.yaml {FIT}")];
    let children: Vec<Child> = both.iter().cycle().take(12).map(|line| start(line)).collect();
    let codes: Vec<i32> = children.into_iter().map(|mut child| child.wait().unwrap().code().unwrap()).collect();
    assert!(codes.iter().all(|code| matches!(code, 0..=2)), "{codes:?}");
    assert!(codes.contains(&0), "{codes:?}");
    let left = String::from_utf8(folder.read("v.yaml")).unwrap();
    let whole = ["migrateLegacyToClas", "clas"].map(|mode| content.replacen("legacy", mode, 1));
    assert!(whole.contains(&left), "neither of the results: {}", &left[..200]);
    assert_eq!(folder.names(), ["v.yaml"]);
}

/// Kills the program, the hard way, once `is_time` says so; whether it was still running.
fn killed_when(mut command: Command, is_time: impl Fn() -> bool) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() && !is_time() {
        assert!(start.elapsed() < ENDLESS, "it does not end");
        thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_file_or_the_new_one() {
    // long enough to be caught in the middle of it
    let old = format!("{LEGACY}{}", format!("# {}\n", "-".repeat(4000)).repeat(120));
    let new = old.replacen("legacy", "migrateLegacyToClas", 1);
    let folder = Folder::new();
    let is_litter = |name: &String| name.starts_with(".helm-clas-") && Path::new(name).extension().unwrap() == "tmp";
    let line = write("v.yaml");

    let start = Instant::now();
    folder.write("v.yaml", &old);
    folder.run(&line).exits(0);
    let whole_run = start.elapsed();

    let (mut kills, mut kills_while_writing) = (0, 0);
    // on a busy machine the moments that matter come more seldom
    for round in 0..400_u32 {
        if round >= 40 && kills > 5 && kills_while_writing > 0 {
            break;
        }
        folder.write("v.yaml", &old);
        fs::set_permissions(folder.path("v.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
        let command = folder.command(line.split_whitespace());
        let start = Instant::now();
        let was_running = if round % 2 == 0 {
            killed_when(command, || start.elapsed() > whole_run * (round % 40) / 36)
        } else {
            // the moments that matter: once something happens in the folder
            let pause = Duration::from_micros(u64::from(round % 40) * 25);
            killed_when(command, || {
                let is_touched = fs::metadata(folder.path("v.yaml")).unwrap().len() != old.len() as u64;
                let is_writing = is_touched || folder.names().len() > 1;
                is_writing.then(|| thread::sleep(pause)).is_some()
            })
        };
        let litter: Vec<String> = folder.names().into_iter().filter(is_litter).collect();
        kills += u32::from(was_running);
        kills_while_writing += u32::from(was_running && !litter.is_empty());
        let left = folder.read("v.yaml");
        assert!(left == old.as_bytes() || left == new.as_bytes(), "round {round}: {} bytes", left.len());
        for name in litter {
            // it may hold credentials, so only those who can read the file can read it
            let mode = |name| fs::metadata(folder.path(name)).unwrap().mode() & 0o777;
            assert_eq!(mode(&name) & !mode("v.yaml"), 0, "round {round}");
            fs::remove_file(folder.path(&name)).unwrap();
        }
        assert_eq!(folder.names(), ["v.yaml"], "round {round}");
    }
    assert!(kills > 5 && kills_while_writing > 0, "{kills} kills, {kills_while_writing} of them while writing");

    // what a kill left behind does not hinder the next run
    folder.write("v.yaml", &old);
    folder.write(".helm-clas-stale.tmp", "half");
    folder.run(&line).exits(0);
    assert_eq!(folder.read("v.yaml"), new.as_bytes());
    assert_eq!(folder.names(), [".helm-clas-stale.tmp", "v.yaml"]);
}

#[test]
fn who_reads_no_answer_is_told_that_the_file_was_changed() {
    let folder = Folder::with("v.yaml", LEGACY);
    let script = format!("{{ helm-clas {}; echo \"exit code $?\" >&2; }} | head -n 0", write("v.yaml"));
    folder.sh(&script).exits(0).says("v.yaml was changed").says("exit code 2\n");
    is_written(&folder, "v.yaml", &["v.yaml"]);
}

#[test]
fn the_way_there_and_back_restores_every_byte() {
    let texts = [
        LEGACY.to_owned(),
        LEGACY.replace('\n', "\r\n"),
        LEGACY.trim_end().to_owned(),
        format!("\u{feff}{LEGACY}"),
        LEGACY.replace("legacy", "'legacy'"),
        LEGACY.replace("legacy", "\"legacy\""),
        "{\"networkType\": \"overlay\", \"clusterMode\": \"legacy\"}".to_owned(),
    ];
    for text in texts {
        let folder = Folder::with("v.yaml", &text);
        for (step, mode) in [
            ("migrate", "migrateLegacyToClas"),
            ("migrate --finish", "clas"),
            ("revert", "migrateClasToLegacy"),
            ("revert --finish", "legacy"),
        ] {
            folder.run(&format!("{step} --write -f v.yaml {FIT}")).exits(0);
            let expected = text.replace("legacy", mode);
            assert_eq!(String::from_utf8(folder.read("v.yaml")).unwrap(), expected, "{step}");
        }
        assert_eq!(folder.names(), ["v.yaml"]);
    }
}

#[test]
fn set_and_unset_restore_a_file_without_the_key() {
    for text in [
        "networkType: overlay\n",
        "networkType: overlay\r\n",
        "networkType: overlay",
        "# x\nnetworkType: overlay\n\n# end\n",
    ] {
        let folder = Folder::with("v.yaml", text);
        for step in ["migrate", "revert", "revert --finish --unset"] {
            let line = format!("{step} --write -f v.yaml {FIT}");
            let ran: Ran = folder.run(&line).exits(0);
            assert!(!ran.stdout.is_empty(), "{ran}");
        }
        assert_eq!(String::from_utf8(folder.read("v.yaml")).unwrap(), text);
    }
}
