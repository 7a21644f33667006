//! The gains printed in the paper's Tables 2, 3 and 4, recomputed from the metrics printed beside
//! them. Rows left out of Tables 2 and 3 were computed from more digits than are printed.

use super::*;

/// mIoU, PAcc, AbsE, RelE and, in Table 4, MeanE and the shares within 11.25, 22.5, 30 degrees.
type Row<'a> = &'a [f64];

fn scores(row: Row) -> Scores {
    Metric::ALL.into_iter().zip(row.iter().copied()).collect()
}

/// One decimal, half away from zero, without a negative zero: as the tables print.
fn printed(value: f64) -> String {
    format!("{:.1}", (value * 10.0).round() / 10.0 + 0.0)
}

fn check(baseline: Row, rows: &[(&str, Row, &[&str])]) {
    for (name, row, expected) in rows {
        let delta = delta_t(&scores(row), &scores(baseline)).unwrap();
        let values = delta
            .tasks
            .iter()
            .map(|&(_, gain)| gain)
            .chain([delta.total]);
        assert_eq!(values.map(printed).collect::<Vec<_>>(), *expected, "{name}");
    }
}

#[test]
fn table_2_cityscapes_against_single_task() {
    check(
        &[40.20, 74.70, 0.0170, 0.330],
        &[
            (
                "MT baseline",
                &[37.70, 73.80, 0.0180, 0.340],
                &["-3.7", "-4.5", "-4.1"],
            ),
            (
                "Cross-Stitch",
                &[40.30, 74.30, 0.0150, 0.300],
                &["-0.1", "10.4", "5.1"],
            ),
            (
                "Sluice",
                &[39.80, 74.20, 0.0160, 0.310],
                &["-0.8", "6.0", "2.6"],
            ),
            (
                "NDDR-CNN",
                &[41.50, 74.20, 0.0170, 0.310],
                &["1.3", "3.0", "2.2"],
            ),
            (
                "MTAN",
                &[40.80, 74.30, 0.0150, 0.320],
                &["0.5", "7.4", "3.9"],
            ),
            (
                "DEN",
                &[38.00, 74.20, 0.0170, 0.370],
                &["-3.1", "-6.1", "-4.6"],
            ),
            (
                "AdaShare",
                &[41.50, 74.90, 0.0160, 0.330],
                &["1.8", "2.9", "2.3"],
            ),
        ],
    );
}

#[test]
fn table_3_nyuv2_baselines() {
    let single = [27.5, 58.9, 0.62, 0.25, 17.5, 34.9, 73.3, 85.7];
    let multi = [24.1, 57.2, 0.58, 0.23, 16.6, 42.5, 73.2, 84.6];
    let edge = [19.5, 54.8, 0.55, 0.22, 16.5, 41.9, 73.0, 85.1];
    for (row, expected) in [(multi, "2.0"), (edge, "-0.1")] {
        let delta = delta_t(&scores(&row), &scores(&single)).unwrap();
        assert_eq!(printed(delta.total), expected);
    }
}

#[test]
fn table_4_nyuv2_against_multi_task() {
    check(
        &[24.1, 57.2, 0.58, 0.23, 16.6, 42.5, 73.2, 84.6],
        &[
            (
                "Cross-Stitch",
                &[25.4, 57.6, 0.58, 0.23, 17.2, 41.4, 70.5, 82.9],
                &["3.0", "0.0", "-3.0", "0.0"],
            ),
            (
                "Sluice",
                &[23.8, 56.9, 0.58, 0.24, 17.2, 38.9, 71.8, 83.9],
                &["-0.9", "-2.2", "-3.7", "-2.3"],
            ),
            (
                "NDDR-CNN",
                &[21.6, 53.9, 0.66, 0.26, 17.1, 37.4, 73.7, 85.6],
                &["-8.1", "-13.4", "-3.3", "-8.3"],
            ),
            (
                "MTAN",
                &[26.0, 57.2, 0.57, 0.25, 16.6, 43.7, 73.3, 84.4],
                &["3.9", "-3.5", "0.7", "0.4"],
            ),
            (
                "DEN",
                &[23.9, 54.9, 0.97, 0.31, 17.1, 36.0, 73.4, 85.9],
                &["-2.4", "-51.0", "-4.1", "-19.2"],
            ),
            (
                "AdaShare",
                &[30.2, 62.4, 0.55, 0.20, 16.6, 45.0, 71.7, 83.0],
                &["17.2", "9.1", "0.5", "8.9"],
            ),
        ],
    );
    check(
        &[19.5, 54.8, 0.55, 0.22, 16.5, 41.9, 73.0, 85.1],
        &[
            (
                "EDNAS",
                &[22.1, 57.7, 0.51, 0.20, 14.3, 49.5, 79.2, 89.4],
                &["9.3", "8.2", "11.3", "9.6"],
            ),
            (
                "EDNAS+JAReD",
                &[22.1, 58.1, 0.51, 0.20, 12.6, 56.1, 83.9, 92.4],
                &["9.7", "8.2", "20.3", "12.7"],
            ),
        ],
    );
}

#[test]
fn what_only_one_side_has_cannot_be_compared() {
    let both = scores(&[40.0, 80.0]);
    let three = scores(&[40.0, 80.0, 0.1]);
    let error = delta_t(&three, &both).unwrap_err();
    assert!(
        error.to_string().starts_with("AbsE cannot be compared"),
        "{error}"
    );
    assert!(delta_t(&both, &scores(&[0.0, 80.0])).is_err());
    assert!(delta_t(&Scores::new(), &Scores::new()).is_err());
}
