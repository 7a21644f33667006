//! The networks of `edgetpu_micro.csv`, rebuilt from their columns, are as large as it says.

use std::collections::BTreeMap;

use ednas::microbench::stacks;
use kernels::cost::graph_cost;

use crate::{number, rows};

/// How many rows of each family are compared.
const COUNTS: [(&str, usize); 6] = [
    ("conv3x3_stack", 21),
    ("conv7x7_stack", 36),
    ("dense_stack", 83),
    ("input_transfer", 24),
    ("invoke_overhead_plus_pad", 24),
    ("output_transfer", 31),
];

/// `output_bytes` of networks that end in one pixel of one channel is 3 in the table, and 1 here.
#[test]
fn networks_are_as_large_as_the_table_says() {
    let mut counts = BTreeMap::new();
    for row in rows("measured/edgetpu_micro.csv") {
        if row["usable"] == "NO" {
            continue;
        }
        let read = stacks::Row::from_columns(|name| row.get(name).map(String::as_str)).unwrap();
        let network = stacks::network(&read).unwrap();
        let cost = graph_cost(&network);
        let bytes = |id: &kernels::TensorId| network[*id].bytes() as u64;
        let found = [
            cost.macs,
            cost.params,
            network.inputs.iter().map(bytes).sum(),
            network.outputs.iter().map(bytes).sum(),
        ];
        let ends_in_one_element = read.out_c == 1;
        let expected = [
            number(&row, "macs"),
            number(&row, "weight_params"),
            number(&row, "input_bytes"),
            if ends_in_one_element {
                1
            } else {
                number(&row, "output_bytes")
            },
        ];
        assert_eq!(found, expected, "{row:?}");
        *counts.entry(row["family"].clone()).or_insert(0) += 1;
    }
    let expected = COUNTS.map(|(family, count)| (family.to_owned(), count));
    assert_eq!(counts, BTreeMap::from(expected));
}
