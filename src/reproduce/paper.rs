//! What the paper prints: Tables 1 to 5, row by row.
//!
//! Source: Table 1 to Table 5 of the EDNAS paper. Metrics stand in the order of their table: mIoU
//! and `PAcc` in percent, `AbsE`, `RelE` as a fraction, for three tasks then `MeanE` in degrees and
//! the percentages within 11.25, 22.5 and 30 degrees.

/// The figures of a printed row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Printed {
    /// What the paper calls it.
    pub name: &'static str,
    /// Parameters in millions, and FLOPs in billions.
    pub size: Option<(f64, f64)>,
    /// How many times the speed of the single-task baseline.
    pub speed: Option<f64>,
    /// The metrics, in the order of the table.
    pub scores: &'static [f64],
    /// The standard deviations of the metrics in percent of their means, where they are printed.
    pub sigmas: Option<&'static [f64]>,
    /// The mean gain over the table's baseline in percent; nothing for a baseline.
    pub total: Option<f64>,
}

const fn row(name: &'static str, scores: &'static [f64], total: Option<f64>) -> Printed {
    Printed {
        name,
        size: None,
        speed: None,
        scores,
        sigmas: None,
        total,
    }
}

const fn sized(size: (f64, f64), row: Printed) -> Printed {
    Printed {
        size: Some(size),
        ..row
    }
}

const fn timed(size: (f64, f64), speed: f64, row: Printed) -> Printed {
    Printed {
        size: Some(size),
        speed: Some(speed),
        ..row
    }
}

/// Table 1; its metrics are mIoU, `AbsE` and `RelE`.
pub(super) const TABLE_1: [Printed; 2] = [
    Printed {
        sigmas: Some(&[2.5, 4.4, 4.1]),
        ..row("L1", &[38.6, 0.017_63, 0.3541], None)
    },
    Printed {
        sigmas: Some(&[1.6, 1.9, 0.5]),
        ..row("JAReD", &[38.9, 0.016_80, 0.3237], None)
    },
];

/// Table 2. The rows of prior methods are over trunks of ResNet.
pub(super) const TABLE_2: [Printed; 12] = [
    sized(
        (42.6, 87.1),
        row("ST baseline [53]", &[40.20, 74.70, 0.0170, 0.330], None),
    ),
    sized(
        (21.3, 43.6),
        row(
            "MT baseline [53]",
            &[37.70, 73.80, 0.0180, 0.340],
            Some(-4.1),
        ),
    ),
    sized(
        (42.6, 48.4),
        row("Cross-Stitch", &[40.30, 74.30, 0.0150, 0.300], Some(5.1)),
    ),
    sized(
        (42.6, 48.4),
        row("Sluice", &[39.80, 74.20, 0.0160, 0.310], Some(2.6)),
    ),
    sized(
        (44.1, 50.1),
        row("NDDR-CNN", &[41.50, 74.20, 0.0170, 0.310], Some(2.2)),
    ),
    sized(
        (51.3, 57.9),
        row("MTAN", &[40.80, 74.30, 0.0150, 0.320], Some(3.9)),
    ),
    sized(
        (23.9, 51.2),
        row("DEN", &[38.00, 74.20, 0.0170, 0.370], Some(-4.6)),
    ),
    sized(
        (21.3, 87.1),
        row("AdaShare", &[41.50, 74.90, 0.0160, 0.330], Some(2.3)),
    ),
    timed(
        (3.4, 2.3),
        1.0,
        row("ST edge baseline", &[40.04, 88.68, 0.0157, 0.340], None),
    ),
    timed(
        (3.4, 1.2),
        1.2,
        row(
            "MT edge baseline",
            &[38.64, 88.49, 0.0171, 0.354],
            Some(-4.1),
        ),
    ),
    timed(
        (4.3, 4.1),
        1.3,
        row("EDNAS", &[46.52, 90.61, 0.0143, 0.316], Some(8.5)),
    ),
    timed(
        (4.3, 4.1),
        1.3,
        row("EDNAS+JAReD", &[46.11, 90.47, 0.0143, 0.281], Some(10.9)),
    ),
];

/// Table 3. The last row is that of the second once more, over the third.
pub(super) const TABLE_3: [Printed; 5] = [
    row(
        "ST edge",
        &[23.1, 58.3, 0.50, 0.20, 13.8, 50.8, 81.2, 90.8],
        None,
    ),
    row(
        "MT edge",
        &[19.5, 54.8, 0.55, 0.22, 16.5, 41.9, 73.0, 85.1],
        Some(-11.3),
    ),
    row(
        "ST [53]",
        &[27.5, 58.9, 0.62, 0.25, 17.5, 34.9, 73.3, 85.7],
        None,
    ),
    row(
        "MT [53]",
        &[24.1, 57.2, 0.58, 0.23, 16.6, 42.5, 73.2, 84.6],
        Some(2.0),
    ),
    row(
        "MT edge (vs ST [53])",
        &[19.5, 54.8, 0.55, 0.22, 16.5, 41.9, 73.0, 85.1],
        Some(-0.1),
    ),
];

/// Table 4. The rows of prior methods are over trunks of ResNet.
pub(super) const TABLE_4: [Printed; 10] = [
    row(
        "MT baseline [53]",
        &[24.1, 57.2, 0.58, 0.23, 16.6, 42.5, 73.2, 84.6],
        None,
    ),
    row(
        "Cross-Stitch",
        &[25.4, 57.6, 0.58, 0.23, 17.2, 41.4, 70.5, 82.9],
        Some(0.0),
    ),
    row(
        "Sluice",
        &[23.8, 56.9, 0.58, 0.24, 17.2, 38.9, 71.8, 83.9],
        Some(-2.3),
    ),
    row(
        "NDDR-CNN",
        &[21.6, 53.9, 0.66, 0.26, 17.1, 37.4, 73.7, 85.6],
        Some(-8.3),
    ),
    row(
        "MTAN",
        &[26.0, 57.2, 0.57, 0.25, 16.6, 43.7, 73.3, 84.4],
        Some(0.4),
    ),
    row(
        "DEN",
        &[23.9, 54.9, 0.97, 0.31, 17.1, 36.0, 73.4, 85.9],
        Some(-19.2),
    ),
    row(
        "AdaShare",
        &[30.2, 62.4, 0.55, 0.20, 16.6, 45.0, 71.7, 83.0],
        Some(8.9),
    ),
    row(
        "MT edge baseline",
        &[19.5, 54.8, 0.55, 0.22, 16.5, 41.9, 73.0, 85.1],
        None,
    ),
    row(
        "EDNAS",
        &[22.1, 57.7, 0.51, 0.20, 14.3, 49.5, 79.2, 89.4],
        Some(9.6),
    ),
    row(
        "EDNAS+JAReD",
        &[22.1, 58.1, 0.51, 0.20, 12.6, 56.1, 83.9, 92.4],
        Some(12.7),
    ),
];

/// Table 5; its third and fourth row are one network, which is the baseline of those after it.
pub(super) const TABLE_5: [Printed; 8] = [
    timed(
        (3.4, 2.3),
        1.0,
        row("ST edge baseline", &[40.04, 88.68, 0.0157, 0.340], None),
    ),
    timed(
        (3.4, 2.3),
        1.0,
        row("ST edge+maxLR", &[55.02, 92.29, 0.0121, 0.288], Some(20.0)),
    ),
    timed(
        (3.4, 2.3),
        1.0,
        row(
            "ST edge+maxLR+JAReD",
            &[55.02, 92.29, 0.0116, 0.168],
            Some(29.7),
        ),
    ),
    timed(
        (3.4, 2.3),
        1.0,
        row("ST edge+maxLR+JAReD", &[55.02, 92.29, 0.0116, 0.168], None),
    ),
    timed(
        (3.4, 1.2),
        1.2,
        row(
            "MT edge+maxLR+JAReD",
            &[53.80, 91.94, 0.0124, 0.159],
            Some(-1.1),
        ),
    ),
    timed(
        (4.1, 2.5),
        1.3,
        row(
            "Transfer: NAS-Seg->MT",
            &[58.17, 92.78, 0.0118, 0.156],
            Some(3.0),
        ),
    ),
    timed(
        (3.6, 2.5),
        1.3,
        row(
            "Transfer: NAS-Dep->MT",
            &[57.97, 92.73, 0.0119, 0.158],
            Some(2.3),
        ),
    ),
    timed(
        (4.3, 4.1),
        1.3,
        row(
            "EDNAS+maxLR+JAReD",
            &[58.54, 92.78, 0.0117, 0.156],
            Some(3.3),
        ),
    ),
];
