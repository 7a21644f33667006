//! The analysis of the paper's two printed networks, as its text counts them.

use super::*;
use crate::space::ednas::named;
use crate::space::ednas::{FusedDefinition, space};
use crate::study::History;

fn analysis(name: &str) -> AnalysisRecord {
    let fused = FusedDefinition::default();
    let mut history = History::default();
    let genome = named::trunk(name, fused).unwrap().genome().unwrap();
    history.propose(genome, None);
    let analysis = Analysis::among(&space(fused), &history, vec![0]);
    AnalysisRecord::new(vec![name.to_owned()], None, &analysis)
}

fn value<'r>(record: &'r AnalysisRecord, name: &str, value: &str) -> &'r ValueRecord {
    let mut rows = record.values.iter();
    rows.find(|row| row.name == name && row.value == value)
        .unwrap()
}

#[test]
fn the_joint_find_fuses_14_blocks_and_the_depth_find_11() {
    let joint = analysis("ednas-t6");
    assert_eq!(value(&joint, "kind", "fused-ibn").best, 14.0);
    assert_eq!(value(&joint, "kind", "ibn").most_at, ["block02", "block07"]);
    let depth = analysis("ednas-t7");
    assert_eq!(value(&depth, "kind", "fused-ibn").best, 11.0);
    assert_eq!(value(&depth, "kind", "fused-ibn").groups, 16);
}

#[test]
fn genomes_by_themselves_are_compared_with_nobody() {
    let record = analysis("ednas-t6");
    assert!(record.values.iter().all(|row| row.all.is_none()));
    let text = record.text();
    assert!(text.starts_with("ednas-t6\n"), "{text}");
    assert!(
        text.contains("kind = fused-ibn: 14.0 of 16 groups; mostly at"),
        "{text}"
    );
    assert!(!text.contains("(all"), "{text}");
    let multipliers = &record.means[1];
    assert_eq!(multipliers.name, "multiplier");
    // Table 6, filters of blocks 1 to 16 over those of EfficientNet-B0.
    let by_hand = [
        1.0, 1.5, 1.0, 1.5, 1.0, 1.5, 1.5, 1.0, 1.5, 0.75, 0.75, 1.5, 0.5, 0.5, 0.5, 0.5,
    ];
    let by_hand = by_hand.iter().sum::<f64>() / 16.0;
    assert!((multipliers.best - by_hand).abs() < 1e-12);
}

#[test]
fn a_page_has_a_panel_per_name_and_a_bar_per_block() {
    let page = analysis_page(&analysis("ednas-t6"));
    for name in ["kind", "kernel", "multiplier", "expansion"] {
        assert!(page.contains(&format!("Shares of the values of {name} by group")));
    }
    assert_eq!(page.matches("<rect").count(), 16 * 3 + 15);
    assert!(page.contains("block07 kind = ibn\n100 % of the best"));
}
