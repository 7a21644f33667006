//! Rows, fronts and plots of explorations with known costs.

use expect_test::expect;
use hwmodels::profile::Profile;
use serde_json::json;

use super::*;
use crate::explore::MachineSpace;
use crate::report::estimate::CostRecord;

fn space(axes: &[&str]) -> JointSpace {
    let axes = axes.iter().map(|axis| axis.parse().unwrap()).collect();
    let base = Profile::named("systolic-32x32-ws").unwrap();
    JointSpace::new(None, MachineSpace::new(base, axes).unwrap()).unwrap()
}

/// Costs of a row: latency, energy, area.
type Costs = (f64, Option<f64>, Option<f64>);

/// The record of a space whose machines cost `costs`, in order; those without do not run.
fn record(space: &JointSpace, models: &[&str], costs: &[Option<Costs>]) -> ExploreRecord {
    let pairs = space.all().unwrap();
    let jobs = pairs
        .iter()
        .flat_map(|pair| models.iter().map(move |model| (pair, *model)));
    let rows = jobs.zip(costs).map(|((pair, model), costs)| {
        let cost = costs.map(|(latency_ms, energy_mj, area_mm2)| CostRecord {
            latency_ms,
            energy_mj,
            area_mm2,
            ..CostRecord::default()
        });
        let infeasible = cost.is_none().then(|| InfeasibleRecord {
            limit: "memory.narrow",
            layer: "stem".to_owned(),
            asked: 9,
            available: 8,
            message: "too little memory".to_owned(),
        });
        (pair, model.to_owned(), Priced { cost, infeasible })
    });
    let exploration = Exploration {
        space,
        size: Some([128, 256]),
        sample: None,
    };
    ExploreRecord::new(&exploration, &rows.collect::<Vec<_>>())
}

#[test]
fn fronts_are_over_what_is_known_and_for_each_network() {
    let space = space(&["array.rows=8,16,32"]);
    let all = |latency, energy, area| Some((latency, Some(energy), Some(area)));
    let costs = [
        all(3.0, 1.0, 1.0),
        all(9.0, 2.0, 1.0),
        all(3.0, 2.0, 1.0),
        all(8.0, 2.0, 2.0),
        None,
        all(8.5, 2.0, 2.0),
    ];
    let by_all = record(&space, &["a", "b"], &costs);
    assert_eq!(by_all.objectives, ["latency_ms", "energy_mj", "area_mm2"]);
    let marks: Vec<bool> = by_all.rows.iter().map(|row| row.pareto).collect();
    assert_eq!(marks, [true, true, false, true, false, false]);

    // A cost that one row lacks is no objective.
    let mut without_energy = costs;
    without_energy[0] = Some((3.0, None, Some(1.0)));
    let by_two = record(&space, &["a", "b"], &without_energy);
    assert_eq!(by_two.objectives, ["latency_ms", "area_mm2"]);
    assert!(by_two.rows[0].pareto && by_two.rows[2].pareto);
}

#[test]
fn tables_name_what_is_varied_and_what_does_not_run() {
    let space = space(&["array.rows,array.cols=8,16", "clock.mhz=100,200.5"]);
    let costs = [
        Some((4.0, Some(0.5), None)),
        Some((2.0, Some(0.5), None)),
        None,
        Some((1.0, Some(0.75), None)),
    ];
    let record = record(&space, &["a"], &costs);
    expect![[r#"
         array.rows,array.cols  clock.mhz  latency_ms  energy_mj  pareto  does not run
                             8        100       4.000     0.5000
                             8      200.5       2.000     0.5000  *
                            16        100           -          -          too little memory
                            16      200.5       1.000     0.7500  *

        4 combinations on systolic-32x32-ws at 128x256 (int8); 1 do not run
        * 2 on the Pareto front over latency_ms, energy_mj, for each network
        the area is unknown; [area] of the profile would tell
    "#]]
    .assert_eq(&record.table());
    let json = serde_json::to_value(&record).unwrap();
    assert_eq!(json["schema"], "ednas.explore/1");
    assert_eq!(
        json["varied"][0]["keys"],
        json!(["array.rows", "array.cols"])
    );
    assert_eq!(
        json["rows"][1]["settings"],
        json!({"array.rows": 8, "array.cols": 8, "clock.mhz": 200.5})
    );
    assert_eq!(json["rows"][2]["latency_ms"], json!(null));
    assert_eq!(json["rows"][2]["infeasible"]["limit"], "memory.narrow");
}

#[test]
fn keys_that_change_nothing_are_named() {
    let space = space(&["array.rows=8,16", "clock.mhz=100,200", "array.simd=1"]);
    let costs = [4.0, 2.0, 4.0, 2.0].map(|latency| Some((latency, None, None)));
    let same = record(&space, &["a"], &costs);
    assert_eq!(same.without_effect, Some(vec!["array.rows".to_owned()]));
    assert!(same.table().ends_with("array.rows changed nothing\n"));
    let costs = [4.0, 2.0, 4.0, 2.5].map(|latency| Some((latency, None, None)));
    assert_eq!(
        record(&space, &["a"], &costs).without_effect,
        Some(Vec::new())
    );
    let costs = [
        Some((4.0, None, None)),
        Some((2.0, None, None)),
        None,
        Some((2.0, None, None)),
    ];
    assert_eq!(
        record(&space, &["a"], &costs).without_effect,
        Some(Vec::new())
    );
}

#[test]
fn plots_show_the_best_known_cost() {
    let space = space(&["array.dataflow=ws,is", "array.rows=8,16"]);
    let plot = |energy: Option<f64>, area: Option<f64>| {
        let costs = [
            Some((4.0, energy, area)),
            None,
            Some((2.0, energy, area)),
            Some((1.0, energy, area)),
        ];
        let record = record(&space, &["a"], &costs);
        assert_eq!(record.plot(), record.plot());
        record.plot()
    };
    assert!(plot(Some(1.0), Some(2.0)).contains(">area, mm\u{b2}<"));
    assert!(plot(Some(1.0), None).contains(">energy of one inference, mJ<"));
    let by_key = plot(None, None);
    assert!(
        by_key.contains(">array.rows<") && by_key.contains(">latency, ms<"),
        "{by_key}"
    );
    assert_eq!(by_key.matches("<circle").count(), 3);
    assert!(by_key.contains("1 that do not run are left out"));
}
