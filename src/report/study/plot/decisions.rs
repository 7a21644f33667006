//! The values of every decision, among the best trials and among all.

use crate::report::chart::{WIDTH, bar, drawing, label, shortened};
use crate::report::markup::Markup;
use crate::report::numbers::three;
use crate::study::Recorded;

/// The best trials are one in so many of all.
const TOP_SHARE: usize = 10;

/// Height of a decision's two bars and the gap below them.
const ROW: f64 = 24.0;

/// Characters of a decision's name.
const NAME: usize = 30;

/// Colors before they begin anew.
const HUES: usize = 10;

/// Draws the shares; `ranked` are the complete trials, best first. Returns how many count as best.
pub(super) fn draw(m: &mut Markup, recorded: &Recorded, ranked: &[usize]) -> usize {
    let top = ranked.len().div_ceil(TOP_SHARE);
    let decisions = recorded.space.decisions();
    let height = ROW * decisions.len() as f64 + 4.0;
    let all = shares(recorded, ranked);
    let best = shares(recorded, &ranked[..top]);
    drawing(
        m,
        height,
        "Values of every decision, among the best and among all",
        |m| {
            for (index, decision) in decisions.iter().enumerate() {
                let y = ROW * index as f64 + 2.0;
                let name = shortened(&decision.full_name(), NAME);
                label(m, ("name", "end"), (LEFT - 8.0, y + 13.0), &name);
                row(m, recorded, index, (y, 11.0), &best[index]);
                row(m, recorded, index, (y + 12.0, 6.0), &all[index]);
            }
        },
    );
    top
}

/// Height from which on a bar has its values written on it.
const LABELED: f64 = 10.0;

/// Where bars begin.
const LEFT: f64 = 210.0;

/// By decision and choice, how many of the trials take it.
fn shares(recorded: &Recorded, numbers: &[usize]) -> Vec<Vec<usize>> {
    let space = &recorded.space;
    let decisions = space.decisions();
    let mut counts: Vec<Vec<usize>> = decisions.iter().map(|d| vec![0; d.choices.len()]).collect();
    for &number in numbers {
        let choices = recorded.history.trials()[number].genome.choices();
        for (index, &choice) in choices.iter().enumerate() {
            if space.is_active(index, choices) {
                counts[index][choice] += 1;
            }
        }
    }
    counts
}

/// One bar of shares.
fn row(
    m: &mut Markup,
    recorded: &Recorded,
    index: usize,
    (y, height): (f64, f64),
    counts: &[usize],
) {
    let total: usize = counts.iter().sum();
    let decision = &recorded.space.decisions()[index];
    let mut x = LEFT;
    for (choice, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let share = count as f64 / total as f64;
        let width = share * (WIDTH - 18.0 - LEFT);
        let value = &decision.choices[choice].value;
        let note = format!(
            "{} = {value}\n{} %",
            decision.full_name(),
            three(100.0 * share)
        );
        let faint = if height > LABELED { "" } else { " faint" };
        let class = format!("hue-{}{faint}", choice % HUES);
        bar(m, &class, (x, y), ((width - 1.0).max(0.5), height), &note);
        if height > LABELED && width > 34.0 {
            label(m, ("halo", "start"), (x + 4.0, y + 9.5), &value.to_string());
        }
        x += width;
    }
}
