//! What work costs: time of the processor, so that what else runs on the machine does not count, and how it grows. No
//! test asks for a time in seconds: machines differ.

use std::{path::Path, process::Command, time::Duration};

use rustix::time::{ClockId, clock_gettime};

/// Far beyond what any run takes on any machine: what has not ended by then hangs.
pub(crate) const ENDLESS: Duration = Duration::from_secs(300);

/// How often growth is measured before it is called a failure: caches and other processors disturb, too.
const ROUNDS: usize = 8;

/// How much more time than text is still linear: two and a half times as long for twice the text.
const SLACK: f64 = 1.25;

/// How long this thread had the processor for some work.
pub(crate) fn thread_time(work: impl FnOnce()) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let start = now();
    work();
    now().saturating_sub(start)
}

/// Of `times` as many things the work takes little more than `times` as long.
#[track_caller]
pub(crate) fn grows_with_number(name: &str, few: usize, times: usize, work: impl Fn(usize)) {
    // what is made once is made before
    work(few);
    #[allow(clippy::cast_precision_loss)]
    let ratio = times as f64;
    is_linear(name, ratio, |which| thread_time(|| work(if which == Size::Less { few } else { few * times })));
}

/// One of two sizes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Size {
    Less,
    More,
}

/// The time for more is in proportion to the time for less: by the best of a few runs of each, or by the middle one of
/// the pairs of runs, as one lucky run of a few is not a measure of the others.
#[track_caller]
pub(crate) fn is_linear(name: &str, ratio: f64, mut taken: impl FnMut(Size) -> Duration) {
    let most = ratio * most(ratio);
    let (mut best_less, mut best_more) = (Duration::MAX, Duration::MAX);
    let mut pairs = Vec::new();
    for _ in 0..ROUNDS {
        let (less, more) = (taken(Size::Less), taken(Size::More));
        best_less = best_less.min(less);
        best_more = best_more.min(more);
        if best_more <= best_less.mul_f64(most) {
            return;
        }
        pairs.push(more.as_secs_f64() / less.as_secs_f64());
    }
    pairs.sort_by(f64::total_cmp);
    let middle = pairs[ROUNDS / 2];
    assert!(middle <= most, "{name}: {best_less:?}, and {best_more:?} for {ratio:.1} times as much; {middle:.1} times");
}

/// What is allowed beyond the proportion, compounded for each doubling.
fn most(ratio: f64) -> f64 {
    SLACK.powf(ratio.log2())
}

/// The result of a run of the program.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) code: i32,
    pub(crate) time: Duration,
    pub(crate) megabytes: f64,
}

/// Runs the program in a folder, its answer unread; what it costs.
#[track_caller]
pub(crate) fn cost(folder: &Path, arguments: &[&str]) -> Cost {
    const MEASURED: &str = "import resource, subprocess, sys
most = int(sys.argv[1])
limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (most, most))
ended = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limit).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1e6 if sys.platform == 'darwin' else 1e3
print(ended, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)";
    let mut run = Command::new("python3");
    run.args(["-c", MEASURED, &ENDLESS.as_secs().to_string(), &program()]);
    let output = run.args(arguments).current_dir(folder).output().expect("python3 is there");
    let facts = String::from_utf8(output.stdout).unwrap();
    let [code, time, megabytes] = facts.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{}", String::from_utf8_lossy(&output.stderr));
    };
    Cost {
        code: code.parse().unwrap(),
        time: Duration::from_secs_f64(time.parse().unwrap()),
        megabytes: megabytes.parse().unwrap(),
    }
}

/// The program that is measured: of this build, or the one that `MEASURED_PROGRAM` names.
fn program() -> String {
    std::env::var("MEASURED_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_helm-clas").to_owned())
}

#[test]
fn what_is_not_linear_is_noticed() {
    let pairs = |count: usize| {
        let mut sum = 0_u64;
        for one in 0..count {
            for other in 0..count {
                sum = sum.wrapping_mul(31).wrapping_add((one ^ other) as u64);
            }
        }
        std::hint::black_box(sum);
    };
    grows_with_number("many pairs of few", 200, 2, |count| (0..count).for_each(|_| pairs(100)));
    let noticed = std::panic::catch_unwind(|| grows_with_number("pairs", 200, 8, pairs));
    assert!(noticed.is_err());
}
