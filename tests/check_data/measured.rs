//! Published measurements of Edge TPUs: every row is understood, and means a machine.

use std::collections::BTreeMap;

use ednas::measured::{Includes, Machines, read};

#[test]
fn every_row_means_a_machine() {
    let file = super::folder().join("measured/edgetpu_models.csv");
    let rows = read(&file).unwrap();
    let machines = Machines::shipped().unwrap();
    let mut statistics = BTreeMap::new();
    for row in &rows {
        *statistics.entry(row.statistic.to_string()).or_insert(0) += 1;
        assert_ne!(row.includes, Includes::Unstated, "{}", row.id);
        let machine = machines.machine(&row.place, &row.setup()).unwrap();
        assert!(machine.name().starts_with("coral-edgetpu"), "{}", row.id);
        assert!(machine.named.link, "{}: {}", row.id, row.link);
        // Whoever names a host names one that the profile knows.
        let names_host = !row.host.is_empty() && row.host != "unstated";
        assert!(
            machine.named.host || !names_host,
            "{}: {}",
            row.id,
            row.host
        );
    }
    let counted: Vec<(&str, usize)> = statistics.iter().map(|(s, n)| (s.as_str(), *n)).collect();
    assert_eq!(counted, [("mean", 60), ("median", 5), ("unstated", 34)]);
}
