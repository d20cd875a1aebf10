//! Files that cannot be read.

use std::fmt::Write as _;

use super::*;

#[test]
fn files_that_cannot_be_read() {
    let folder = std::env::temp_dir().join(format!("gameday-file-tests-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("folder.ron")).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    write("good.ron", GOOD.as_bytes());
    write("empty.ron", b"");
    write("comments.ron", b"// nothing\n/* yet */\n");
    write("latin1.ron", b"Scenario(\n  name: \"caf\xe9\",\n)");
    write("marked.ron", format!("\u{feff}{GOOD}").as_bytes());
    // 100 MB by its metadata; no byte of it is stored or read.
    std::fs::File::create(folder.join("huge.ron")).unwrap().set_len(100_000_000).unwrap();

    let read = |name: &str| Source::read(folder.join(name).to_str().unwrap());
    let mut all = String::new();
    for name in ["goood.ron", "good", "none/x.ron", "folder.ron", "empty.ron", "comments.ron", "latin1.ron", "huge.ron"]
    {
        writeln!(all, "{}\n", read(name).unwrap_err().render(false)).unwrap();
    }
    let marked = read("marked.ron").unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(marked.text(), GOOD);
    insta::assert_snapshot!(all.replace(folder.to_str().unwrap(), "FOLDER"), @r#"
    error[E012]: there is no file FOLDER/goood.ron
    --> FOLDER/goood.ron
     = help: did you mean FOLDER/good.ron?

    error[E012]: there is no file FOLDER/good
    --> FOLDER/good
     = help: did you mean FOLDER/good.ron?

    error[E012]: there is no file FOLDER/none/x.ron
    --> FOLDER/none/x.ron
     = help: the folder FOLDER/none does not exist either

    error[E012]: FOLDER/folder.ron is a folder, not a scenario file
    --> FOLDER/folder.ron

    error[E015]: the file is empty
    --> FOLDER/empty.ron
     = help: a scenario begins with `Scenario(`; `gameday new` writes one that runs

    error[E015]: the file holds only comments
    --> FOLDER/comments.ron
     = help: a scenario begins with `Scenario(`; `gameday new` writes one that runs

    error[E013]: not UTF-8 text: byte 0xe9 at offset 22, line 2
    --> FOLDER/latin1.ron:2:13
     = help: save the file as UTF-8

    error[E014]: a scenario has at most 4 MiB; this file has 100000000 bytes
    --> FOLDER/huge.ron
     = help: a recorded workload belongs in a CSV file of its own, which the scenario names
    "#);
}
