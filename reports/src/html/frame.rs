//! What surrounds every page: the head with its policy and style, the last line, and how text becomes HTML.

use std::fmt::Write as _;

use super::escape;
use crate::plot::Plot;
use crate::plot::style::DARK;
use crate::words;

/// Charts of more characters than this, all together, would make a page too heavy to be mailed around.
const CHARTS_MAX: usize = 1_500_000;

/// Up to the beginning of the body.
pub(super) fn begin(page: &mut String, title: &str) {
    // Writing to a String cannot fail.
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{} · gameday</title>\n<style>\n{}{}</style>\n</head>\n<body>\n",
        escape(title),
        include_str!("../report.css"),
        dark_charts(),
    );
}

/// From the end of the main part.
pub(super) fn end(page: &mut String) {
    page.push_str("</main>\n<footer><p>Made by gameday: the same file and seed give the same bytes.</p></footer>\n");
    page.push_str("</body>\n</html>\n");
}

/// The name, what it is about, the sentence that matters, the sentences that follow.
pub(super) fn opening(page: &mut String, name: &str, about: &str, headline: &str, details: &[String]) {
    let _ = writeln!(page, "<header>\n<h1>{}</h1>", escape(name));
    if !about.is_empty() {
        let _ = writeln!(page, "<p class=\"about\">{}</p>", escape(about));
    }
    let _ = writeln!(page, "<p class=\"headline\">{}</p>", escape(&super::unbroken(headline)));
    if !details.is_empty() {
        page.push_str("<ul class=\"details\">\n");
        for detail in details {
            let _ = writeln!(page, "<li>{}</li>", escape(detail));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</header>\n");
}

/// A section of charts, each for wide screens and for phones.
pub(super) fn charts(page: &mut String, plots: &[(Plot, Plot)]) {
    if plots.is_empty() {
        return;
    }
    page.push_str("<section aria-labelledby=\"charts\">\n<h2 id=\"charts\">Charts</h2>\n");
    let mut weight = 0;
    for (at, (wide, phone)) in plots.iter().enumerate() {
        weight += wide.svg.len() + phone.svg.len();
        if weight > CHARTS_MAX {
            let _ = writeln!(
                page,
                "<p>The folder plots has {} more.</p>",
                words::plural((plots.len() - at) as f64, "chart")
            );
            break;
        }
        let _ = writeln!(page, "<figure id=\"{}\">", escape(&wide.name));
        for (plot, class) in [(wide, "wide"), (phone, "phone")] {
            // The alternative text names the picture; its own texts are not read out again.
            let opened = format!("<svg class=\"{class}\" role=\"img\" aria-label=\"{}\" ", escape(&plot.alt));
            page.push_str(&plot.svg.replacen("<svg ", &opened, 1));
        }
        page.push_str("</figure>\n");
    }
    page.push_str("</section>\n");
}

/// The command that gives the same again, with what that rests on.
pub(super) fn again(page: &mut String, command: &str, facts: &[(&str, String)]) {
    page.push_str("<section aria-labelledby=\"again\">\n<h2 id=\"again\">The same again</h2>\n");
    if !command.is_empty() {
        let _ = writeln!(page, "<pre tabindex=\"0\" aria-label=\"command\"><code>{}</code></pre>", escape(command));
    }
    page.push_str("<dl>\n");
    for (name, value) in facts {
        let _ = writeln!(page, "<div><dt>{name}</dt><dd>{}</dd></div>", escape(value));
    }
    page.push_str("</dl>\n</section>\n");
}

/// A file in full, up to `most` characters; `rest` says where all of it is.
pub(super) fn file(page: &mut String, title: &str, text: &str, most: usize, rest: &str) {
    if text.is_empty() {
        return;
    }
    let kept: String = text.chars().take(most).collect();
    let rest = if kept.len() < text.len() { rest } else { "" };
    let _ = write!(
        page,
        "<section aria-labelledby=\"file\">\n<h2 id=\"file\">{title}</h2>\n\
         <pre class=\"long\" tabindex=\"0\" aria-labelledby=\"file\"><code>{}{rest}</code></pre>\n</section>\n",
        escape(&kept)
    );
}

/// Style rules that give each colour of the charts its counterpart on a dark page.
fn dark_charts() -> String {
    let mut rules = String::from("@media screen and (prefers-color-scheme: dark) {\n");
    for (color, dark) in DARK {
        let light = format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2);
        let _ =
            writeln!(rules, "svg [fill=\"{light}\"] {{ fill: {dark} }} svg [stroke=\"{light}\"] {{ stroke: {dark} }}");
    }
    rules.push_str("}\n");
    rules
}
