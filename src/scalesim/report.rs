//! `COMPUTE_REPORT.csv` and `DETAILED_ACCESS_REPORT.csv`, as SCALE-Sim writes them.
//!
//! Columns that come from SCALE-Sim's walk through its buffers (prefetch, stalls, start and stop
//! cycles, DRAM) are left empty: our memory model says what it says, in our own report.

use hwmodels::array::{Array, Drain, Edges, Fill, Product, Systolic};
use hwmodels::profile::Profile;

use super::digits::{quotient, repr};
use super::folds;
use super::topology::{Layer, Topology};
use super::{ARRAY_SIDE_MAX, ScalesimError};

/// The most lines of a report; a `DP` row makes one of every channel.
const LINES_MAX: u64 = 1_000_000;

/// The most folds that are added up for one layer.
const FOLDS_MAX: u64 = 1 << 28;

const COMPUTE_HEADER: &str = "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,\n";

const ACCESS_HEADER: &str = "LayerID, \
    SRAM IFMAP Start Cycle, SRAM IFMAP Stop Cycle, SRAM IFMAP Reads, \
    SRAM Filter Start Cycle, SRAM Filter Stop Cycle, SRAM Filter Reads, \
    SRAM OFMAP Start Cycle, SRAM OFMAP Stop Cycle, SRAM OFMAP Writes, \
    DRAM IFMAP Start Cycle, DRAM IFMAP Stop Cycle, DRAM IFMAP Reads, \
    DRAM Filter Start Cycle, DRAM Filter Stop Cycle, DRAM Filter Reads, \
    DRAM OFMAP Start Cycle, DRAM OFMAP Stop Cycle, DRAM OFMAP Writes,\n";

/// Both reports.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// A layer of SCALE-Sim per line.
    pub layers: Vec<LayerReport>,
}

/// What the reports say of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerReport {
    /// `Total Cycles`: without stalls, and one less than the layer takes.
    pub total_cycles: u64,
    /// `Overall Util %`: multiply-accumulates of those the array could do in `total_cycles`;
    /// nothing where these are 0.
    pub overall_util: Option<f64>,
    /// `Mapping Efficiency %`: elements in use, on average over folds.
    pub mapping_efficiency: f64,
    /// `Compute Util %`, on average over folds.
    pub compute_util: f64,
    /// `SRAM IFMAP Reads`, in words of a byte.
    pub ifmap_reads: u64,
    /// `SRAM Filter Reads`.
    pub filter_reads: u64,
    /// `SRAM OFMAP Writes`.
    pub ofmap_writes: u64,
}

impl Report {
    /// The reports of `topology` on `profile`.
    ///
    /// # Errors
    /// A profile whose array is not as SCALE-Sim's are, and a layer that would take too many folds
    /// or lines.
    pub fn new(profile: &Profile, topology: &Topology) -> Result<Report, ScalesimError> {
        let array = array(profile)?;
        let mut layers = Vec::new();
        let mut lines: u64 = 0;
        for layer in &topology.layers {
            let (runs, product) = layer.runs();
            lines += runs;
            check(&array, topology, layer, &product, lines)?;
            let report = LayerReport::new(&array, &product);
            layers.extend((0..runs).map(|_| report));
        }
        Ok(Report { layers })
    }

    /// `COMPUTE_REPORT.csv`.
    #[must_use]
    pub fn compute(&self) -> String {
        let cells = |layer: &LayerReport| {
            [
                None,
                Some(layer.total_cycles.to_string()),
                None,
                layer.overall_util.map(repr),
                Some(repr(layer.mapping_efficiency)),
                Some(repr(layer.compute_util)),
            ]
        };
        table(COMPUTE_HEADER, self.layers.iter().map(cells))
    }

    /// `DETAILED_ACCESS_REPORT.csv`.
    #[must_use]
    pub fn detailed_access(&self) -> String {
        let cells = |layer: &LayerReport| {
            let mut cells = [const { None }; 18];
            let counts = [layer.ifmap_reads, layer.filter_reads, layer.ofmap_writes];
            for (place, count) in [2, 5, 8].into_iter().zip(counts) {
                cells[place] = Some(count.to_string());
            }
            cells
        };
        table(ACCESS_HEADER, self.layers.iter().map(cells))
    }
}

impl LayerReport {
    fn new(array: &Systolic, product: &Product) -> LayerReport {
        let counts = folds::counts(array, product);
        let macs = [product.m, product.n, product.window, product.in_c];
        let macs: u128 = macs.into_iter().map(u128::from).product();
        let slots = [counts.total_cycles, array.rows, array.cols];
        let slots: u128 = slots.into_iter().map(u128::from).product();
        LayerReport {
            total_cycles: counts.total_cycles,
            overall_util: (slots > 0).then(|| quotient(100 * macs, slots)),
            mapping_efficiency: counts.mapping_efficiency,
            compute_util: counts.compute_util,
            ifmap_reads: counts.ifmap_reads,
            filter_reads: counts.filter_reads,
            ofmap_writes: counts.ofmap_writes,
        }
    }
}

/// A header and a numbered line per layer, with SCALE-Sim's blanks and its comma at the end.
fn table<const N: usize>(header: &str, lines: impl Iterator<Item = [Option<String>; N]>) -> String {
    let mut text = header.to_owned();
    for (layer, cells) in lines.enumerate() {
        text.push_str(&layer.to_string());
        for cell in cells {
            text.push_str(", ");
            text.push_str(cell.as_deref().unwrap_or_default());
        }
        text.push_str(",\n");
    }
    text
}

/// The array of the profile, if it is one of SCALE-Sim's.
fn array(profile: &Profile) -> Result<Systolic, ScalesimError> {
    let refuse = |field, found: &dyn std::fmt::Debug, expected: &str| ScalesimError::Machine {
        profile: profile.name().to_owned(),
        field,
        found: format!("{found:?}").to_lowercase(),
        expected: expected.to_owned(),
    };
    let array = match profile.array().map(|array| array.value) {
        Some(Array::Systolic(array)) => array,
        Some(Array::Dot(_)) => return Err(refuse("array.kind", &"dot", "\"systolic\"")),
        None => return Err(refuse("array", &None::<()>, "a systolic array")),
    };
    let free = Fill::PerFold {
        drain: Drain::Free,
        control_cycles: 0,
    };
    if array.edges != Edges::Full {
        return Err(refuse("array.edges", &array.edges, "\"full\""));
    }
    if array.fill != free {
        let expected = "\"per-fold\" with drain = \"free\" and no control_cycles";
        return Err(refuse("array.fill", &array.fill, expected));
    }
    let counts = [
        ("grid.rows * grid.cols", profile.tiles(), 1),
        ("array.simd", array.simd, 1),
        ("array.min_rows", array.min_rows, 1),
        ("array.rows", array.rows, ARRAY_SIDE_MAX),
        ("array.cols", array.cols, ARRAY_SIDE_MAX),
    ];
    match counts.into_iter().find(|(_, found, most)| found > most) {
        Some((field, found, most)) => Err(refuse(field, &found, &format!("at most {most}"))),
        None => Ok(array),
    }
}

fn check(
    array: &Systolic,
    topology: &Topology,
    layer: &Layer,
    product: &Product,
    lines: u64,
) -> Result<(), ScalesimError> {
    let refuse = |fault: String| ScalesimError::Layer {
        file: topology.file.clone(),
        line: layer.line,
        layer: layer.name.clone(),
        fault,
    };
    if lines > LINES_MAX {
        return Err(refuse(format!(
            "brings the report to {lines} lines; at most {LINES_MAX} are written"
        )));
    }
    let folds = folds::count(array, product);
    if folds > FOLDS_MAX {
        return Err(refuse(format!(
            "takes {folds} folds of the array; at most {FOLDS_MAX} are added up"
        )));
    }
    Ok(())
}
