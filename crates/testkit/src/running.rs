//! Programs that are looked at, talked to or killed while they run under `socklens run`.

use crate::build::{compile, paths};
use crate::run::{Form, How, Run};
use crate::scratch::Scratch;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// `socklens run` with a program of tests/programs that does something for each byte it gets. Its log is `log` in the
/// scratch directory, as JSON.
#[derive(Debug)]
pub struct Running {
    /// The command.
    pub run: Child,
    pub input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts it, and waits for the program to be ready.
    #[track_caller]
    pub fn start(scratch: &Scratch, program: &str, options: &[&str]) -> Running {
        let mut run = Command::new(&paths().command)
            .args(["run", "--format", "json", "-o"])
            .arg(scratch.join("log"))
            .args(options)
            .arg("--")
            .arg(compile(program))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("socklens run");
        let input = run.stdin.take().expect("its input");
        let output = BufReader::new(run.stdout.take().expect("its output"));
        let mut running = Running { run, input, output };
        running.says("ready\n");
        running
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        line
    }

    /// The next line of the program is this one.
    #[track_caller]
    pub fn says(&mut self, what: &str) {
        assert_eq!(self.line(), what);
    }

    /// What the program answers to one byte.
    pub fn asked(&mut self, what: &str) -> String {
        self.input.write_all(what.as_bytes()).expect("its input");
        self.line()
    }

    /// `socklens fault` with these words, on this session.
    pub fn fault(&self, words: &[&str]) -> Output {
        let session = self.run.id().to_string();
        let mut fault = Command::new(&paths().command);
        fault.arg("fault").args(words).args(["--session", &session]).stdin(Stdio::null());
        fault.output().expect("socklens fault")
    }

    /// Closes the program's input; what `socklens run` says at the end.
    #[track_caller]
    pub fn ends(self) -> String {
        let Running { mut run, input, output } = self;
        drop((input, output));
        let mut said = String::new();
        run.stderr.take().expect("its messages").read_to_string(&mut said).expect("text");
        assert!(run.wait().expect("its end").success(), "{said}");
        said
    }
}

impl Run {
    /// The log of a program that prints its process id when it is about to block for good: killed some time after.
    #[track_caller]
    pub fn killed_while_blocked(&self, form: Form, after: Duration) -> Vec<u8> {
        let scratch = Scratch::new();
        let mut socklens = self.start(How::Command(form), &scratch);
        let deadline = Instant::now() + Duration::from_secs(60);
        let pid: i32 = loop {
            let said = std::fs::read_to_string(scratch.join("stdout")).unwrap_or_default();
            if let Some(pid) = said.strip_suffix('\n') {
                break pid.parse().expect("a process id");
            }
            assert!(Instant::now() < deadline, "the program does not start");
            std::thread::sleep(Duration::from_millis(10));
        };
        std::thread::sleep(after);
        // SAFETY: the traced program, which waits for ever.
        assert_eq!(unsafe { libc::kill(pid, libc::SIGKILL) }, 0);
        let status = socklens.wait().expect("its end");
        assert_eq!(status.signal(), Some(libc::SIGKILL), "{status:?}");
        std::fs::read(scratch.join("log")).expect("the log")
    }
}
