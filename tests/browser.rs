//! Reports in a real browser: Debian's chromium, headless.
//!
//! A page is opened as it is, where nothing may be said on the console (a violation of its content security
//! policy would be), and printed. Copies of it without that policy, with a script that looks around, are opened
//! as wide as a phone and as a desk, in both colour schemes: nothing may be fetched, scrolled sideways, too pale
//! to read, without a name, or out of reach of the keyboard. Where chromium is missing the test says so.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What tells the contrast that everybody can read (WCAG 2.2, AA).
const CONTRAST: f64 = 4.5;
/// As wide as a phone, and as a desk, in pixels.
const WIDTHS: [u32; 2] = [390, 1280];

/// Looks around in a page, and tells its parent what it has found, as hexadecimal digits.
const PROBE: &str = r#"
<script>
addEventListener('load', () => {
  const luminance = ([r, g, b]) => {
    const part = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const color = (text) => { const n = (text.match(/[\d.]+/g) || []).map(Number); return n.length < 3 || n[3] === 0 ? null : n; };
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const backdrop = (el) => { for (; el; el = el.parentElement) { const c = color(getComputedStyle(el).backgroundColor); if (c) return c; } return [255, 255, 255]; };
  const inside = (box, x, y) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
  document.querySelectorAll('details').forEach((one) => { one.open = true; });
  const pale = [];
  let texts = 0;
  const judge = (el, front, back) => { texts += 1; const c = contrast(front, back); if (c < LEAST) pale.push(`${el.textContent.trim().slice(0, 40)}: ${c.toFixed(2)} of ${front} on ${back}`); };
  for (const el of document.body.querySelectorAll('*')) {
    const own = [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !el.getClientRects().length || el.closest('script')) continue;
    const svg = el.closest('svg');
    if (!svg) { judge(el, color(getComputedStyle(el).color), backdrop(el)); continue; }
    // The last rectangle painted before the text, below its middle.
    const at = el.getBoundingClientRect(), x = (at.left + at.right) / 2, y = (at.top + at.bottom) / 2;
    let back = backdrop(svg);
    for (const one of svg.querySelectorAll('rect')) {
      if (!(one.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
      const fill = color(getComputedStyle(one).fill), opacity = Number(one.getAttribute('opacity') || 1);
      if (fill && inside(one.getBoundingClientRect(), x, y)) back = back.slice(0, 3).map((c, i) => c + (fill[i] - c) * opacity);
    }
    judge(el, color(getComputedStyle(el).fill), back);
  }
  const shown = (el) => el.getClientRects().length > 0;
  const rolls = (el) => { const s = getComputedStyle(el); return (el.scrollWidth > el.clientWidth && /auto|scroll/.test(s.overflowX)) || (el.scrollHeight > el.clientHeight && /auto|scroll/.test(s.overflowY)); };
  const interactive = [...document.body.querySelectorAll('*')].filter((el) => shown(el) && (el.matches('a, button, input, select, summary, [tabindex]') || rolls(el)));
  const unreachable = interactive.filter((el) => { el.focus(); return document.activeElement !== el; }).map((el) => el.outerHTML.slice(0, 80));
  const unnamed = [...document.querySelectorAll('img, svg')].filter((el) => !(el.getAttribute('alt') || (el.getAttribute('role') === 'img' && el.getAttribute('aria-label')))).length;
  const found = {
    width: innerWidth, needed: document.scrollingElement.scrollWidth, dark: matchMedia('(prefers-color-scheme: dark)').matches,
    paper: luminance(backdrop(document.body)), fetched: performance.getEntriesByType('resource').map((one) => one.name),
    headings: [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((one) => Number(one.tagName[1])),
    pictures: [...document.querySelectorAll('svg')].filter(shown).length, unnamed, texts, pale, interactive: interactive.length, unreachable,
    language: document.documentElement.lang, landmarks: document.querySelectorAll('header, main, footer').length,
  };
  const bytes = new TextEncoder().encode(JSON.stringify(found));
  parent.postMessage([...bytes].map((one) => one.toString(16).padStart(2, '0')).join(''), '*');
});
</script>
"#;

/// Shows a copy at each width, and writes down what the copies tell.
const DESK: &str = r#"<!DOCTYPE html><html><body><script>
addEventListener('message', (event) => { const p = document.createElement('p'); p.textContent = `PROBE:${event.data}:`; document.body.append(p); });
</script>FRAMES</body></html>"#;

/// A folder of its own for a test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Scratch {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{test}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("shop.ron"), SCENARIO).unwrap();
        Scratch(path)
    }

    fn gameday(&self, arguments: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gameday"));
        let output = command.current_dir(&self.0).args(arguments).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Two services and a fault: as many sections and kinds of charts as a short run can have.
const SCENARIO: &str = r#"Scenario(
    name: "A shop & its <stock>", description: "Five short mornings.", duration: "40s", warm_up: "5s", replications: 5,
    services: {
        "shop": (replicas: 3, workers: 8, endpoints: { "buy": [Work(Exponential(mean: "10ms")), Call(to: "stock/reserve")] }),
        "stock": (replicas: 2, workers: 2, endpoints: { "reserve": [Work(Exponential(mean: "8ms"))] }),
    },
    workloads: { "crowd": (to: "shop/buy", rate: "300/s"), "robots": (to: "shop/buy", rate: "20/s") },
    faults: [(name: "slow stock", what: BrownOut(slow: 3.0), target: (service: "stock"), when: At("15s"), lasts: "10s")],
    expect: [(metric: "crowd.latency.p99", below: "5s")],
)"#;

/// The browser, if there is one.
fn chromium() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let answers = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|said| said.status.success());
    let found = names.into_iter().find(answers);
    if found.is_none() {
        let missing = "chromium is missing, and what it shows is not tested: apt-get install chromium\n";
        std::io::stderr().write_all(missing.as_bytes()).unwrap();
    }
    found
}

/// Opens `page`, a file, with `options`.
fn open(browser: &str, scratch: &Scratch, page: &Path, options: &[&str]) -> Output {
    let profile = format!("--user-data-dir={}", scratch.0.join("profile").display());
    let mut command = Command::new(browser);
    command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--virtual-time-budget=20000"]);
    command.arg(profile).args(options).arg(format!("file://{}", page.display()));
    command.stdin(Stdio::null()).output().unwrap()
}

/// What the browser says on the console about `page`.
fn console(browser: &str, scratch: &Scratch, page: &Path) -> Vec<String> {
    let output = open(browser, scratch, page, &["--enable-logging=stderr", "--dump-dom"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("</html>"), "{}", page.display());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect()
}

/// What the probe finds in copies of `page` without its policy, at each width.
fn probed(browser: &str, scratch: &Scratch, page: &Path, dark: bool) -> Vec<Value> {
    let text = fs::read_to_string(page).unwrap();
    let policy = text.find("<meta http-equiv=\"Content-Security-Policy\"").expect("a policy");
    let policy_end = policy + text[policy..].find('>').unwrap() + 1;
    let probe = PROBE.replace("LEAST", &CONTRAST.to_string());
    let copy = format!("{}{}", &text[..policy], &text[policy_end..]).replace("</body>", &format!("{probe}</body>"));
    fs::write(scratch.0.join("copy.html"), copy).unwrap();
    let frame =
        |width: &u32| format!("<iframe src=\"copy.html\" style=\"width:{width}px;height:844px;border:0\"></iframe>");
    let desk = scratch.0.join("desk.html");
    fs::write(&desk, DESK.replace("FRAMES", &WIDTHS.iter().map(frame).collect::<String>())).unwrap();
    let scheme = format!("--blink-settings=preferredColorScheme={}", u8::from(!dark));
    let output = open(browser, scratch, &desk, &["--dump-dom", "--allow-file-access-from-files", &scheme]);
    let dom = String::from_utf8(output.stdout).unwrap();
    let digits: Vec<&str> = dom.split("<p>PROBE:").skip(1).map(|rest| rest.split(':').next().unwrap()).collect();
    assert_eq!(digits.len(), WIDTHS.len(), "every copy tells: {}", String::from_utf8_lossy(&output.stderr));
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let bytes = |digits: &str| digits.as_bytes().chunks(2).map(byte).collect::<Vec<u8>>();
    digits.into_iter().map(|digits| serde_json::from_slice(&bytes(digits)).unwrap()).collect()
}

fn list(found: &Value, name: &str) -> Vec<Value> {
    found[name].as_array().unwrap_or_else(|| panic!("{name} in {found}")).clone()
}

/// Everything that is asked of a page.
fn judge(browser: &str, scratch: &Scratch, page: &Path) {
    let name = page.display();
    assert_eq!(console(browser, scratch, page), [""; 0], "{name}");
    for dark in [false, true] {
        let all = probed(browser, scratch, page, dark);
        let mut widths: Vec<u64> = all.iter().filter_map(|found| found["width"].as_u64()).collect();
        widths.sort_unstable();
        assert_eq!(widths, WIDTHS.map(u64::from), "{name}");
        for found in all {
            let place = format!("{name}, {} wide, dark {dark}", found["width"]);
            assert!(
                found["needed"].as_u64() <= found["width"].as_u64(),
                "{place} scrolls sideways: {}",
                found["needed"]
            );
            assert_eq!(found["dark"], dark, "{place}");
            assert_eq!(found["paper"].as_f64().unwrap() < 0.1, dark, "{place}: the paper follows the scheme");
            assert_eq!(list(&found, "fetched"), [Value::Null; 0], "{place}");
            assert_eq!(list(&found, "pale"), [Value::Null; 0], "{place}");
            assert_eq!(list(&found, "unreachable"), [Value::Null; 0], "{place}");
            assert_eq!(found["unnamed"], 0, "{place}: pictures without words");
            assert_eq!((&found["language"], &found["landmarks"]), (&"en".into(), &3.into()), "{place}");
            // It has looked at something.
            assert!(found["texts"].as_u64() > Some(100) && found["pictures"].as_u64() > Some(2), "{place}: {found}");
            assert!(found["interactive"].as_u64() > Some(2), "{place}");
            let levels: Vec<u64> = list(&found, "headings").iter().filter_map(Value::as_u64).collect();
            assert!(levels[0] == 1 && levels[1..].iter().all(|level| *level > 1), "{place}: {levels:?}");
            assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{place} skips a level: {levels:?}");
        }
    }
    let printed = scratch.0.join("printed.pdf");
    open(browser, scratch, page, &[&format!("--print-to-pdf={}", printed.display()), "--no-pdf-header-footer"]);
    let bytes = fs::read(&printed).unwrap_or_else(|error| panic!("{name} was not printed: {error}"));
    assert!(bytes.starts_with(b"%PDF") && bytes.len() > 20_000, "{name}: {} bytes", bytes.len());
}

#[test]
fn a_run_is_shown_to_everybody() {
    let Some(browser) = chromium() else { return };
    let scratch = Scratch::new("run");
    scratch.gameday(&["run", "shop.ron", "--out", "run", "-q"]);
    judge(browser, &scratch, &scratch.0.join("run/report.html"));
}

#[test]
fn a_study_is_shown_to_everybody() {
    let Some(browser) = chromium() else { return };
    let scratch = Scratch::new("study");
    let factors = [
        "--param",
        "services.stock.balancer=Random,RoundRobin,LeastConnections",
        "--param",
        "workloads.crowd.rate=100/s..300/s:3",
    ];
    let rest = ["--goal", "min latency.p99", "--reps", "3", "--set", "duration=30s", "--out", "study", "-q"];
    scratch.gameday(&[&["sweep", "shop.ron"][..], &factors, &rest].concat());
    judge(browser, &scratch, &scratch.0.join("study/report.html"));
}

#[test]
fn the_browser_notices_what_is_wrong() {
    let Some(browser) = chromium() else { return };
    let scratch = Scratch::new("wrong");
    let page = scratch.0.join("wrong.html");
    let wrong = r#"<!DOCTYPE html><html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"></head>
<body><h1 style="color:#999;background:#fff">too pale</h1><img src="http://127.0.0.1:9/missing.png"><div style="width:2000px">wide</div>
<div style="overflow:auto;width:50px"><p style="width:90px">rolls</p></div></body></html>"#;
    fs::write(&page, wrong).unwrap();
    let said = console(browser, &scratch, &page);
    assert!(said.iter().any(|line| line.contains("Content Security Policy")), "{said:?}");
    let found = &probed(browser, &scratch, &page, false)[0];
    assert!(found["needed"].as_u64() >= Some(2000), "{found}");
    assert_eq!(
        (list(found, "fetched").len(), list(found, "pale").len(), &found["unnamed"]),
        (1, 1, &1.into()),
        "{found}"
    );
}
