//! NVDLA large beside its vendor's performance spreadsheet: cycles of the multipliers, row by row.

use hwmodels::array::Product;
use hwmodels::profile::Profile;

use super::folder;

/// Direct convolutions of the spreadsheet, and those whose channels fill the multipliers.
const ROWS: usize = 68;
const FILLING: usize = 46;

/// Columns of the spreadsheet, whose names repeat.
const KIND: usize = 2;
const SIZES: [usize; 6] = [3, 6, 7, 8, 12, 13];
const WINOGRAD: usize = 27;
const MAC_CYCLES: usize = 35;

/// A row of direct convolution.
struct Row {
    name: String,
    product: Product,
    mac_cycles: f64,
}

/// The direct convolutions: not Winograd, whose rate is another, and no fully connected layers.
fn rows() -> Vec<Row> {
    let path = folder().join("published/nvdla_perf_spreadsheet_layers.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let records = reader.records().map(Result::unwrap);
    records.filter_map(|record| row(&record)).collect()
}

fn row(record: &csv::StringRecord) -> Option<Row> {
    if !record[KIND].starts_with("conv") || &record[WINOGRAD] != "False" {
        return None;
    }
    let mut sizes = [0; 6];
    for (size, column) in sizes.iter_mut().zip(SIZES) {
        *size = record[column].parse().ok()?;
    }
    let [in_c, n, rows, columns, height, width] = sizes;
    Some(Row {
        name: format!("{} {}", &record[0], &record[1]),
        product: Product {
            groups: 1,
            m: height * width,
            n,
            window: rows * columns,
            in_c,
        },
        mac_cycles: record[MAC_CYCLES].parse().ok()?,
    })
}

/// The spreadsheet divides multiply-accumulates by the multipliers, some rows in parts and the
/// first layers in a mode of their own; where channels fill the multipliers, that is what we count.
#[test]
fn direct_convolution_takes_the_vendors_cycles() {
    let array = Profile::named("nvdla-large")
        .unwrap()
        .array()
        .unwrap()
        .value;
    let mut filling = 0;
    let mut ratios = Vec::new();
    for Row {
        name,
        product,
        mac_cycles,
    } in rows()
    {
        let ours = array.cycles(&product) as f64;
        let fills = product.in_c.is_multiple_of(array.simd())
            && product.n.is_multiple_of(array.channel_side());
        if fills {
            assert!(
                (ours - mac_cycles).abs() < 1e-6,
                "{name}: {ours} and {mac_cycles}"
            );
            filling += 1;
        } else {
            assert!(ours >= mac_cycles, "{name}: {ours} and {mac_cycles}");
        }
        ratios.push(ours / mac_cycles);
    }
    assert_eq!((ratios.len(), filling), (ROWS, FILLING));
    ratios.sort_by(f64::total_cmp);
    println!(
        "ours over theirs: median {:.3}, largest {:.1}",
        ratios[ROWS / 2],
        ratios[ROWS - 1]
    );
}
