//! The reward against the equations as printed, and measurements that have none.

use proptest::prelude::*;

use super::*;

fn cityscapes() -> Reward {
    let tasks = [Task::Segmentation, Task::Depth].map(TaskMetrics::standard);
    Reward::new(tasks.to_vec(), 4.0)
}

fn metrics(values: [f64; 4]) -> BTreeMap<String, f64> {
    let names = ["mIoU", "PAcc", "AbsE", "RelE"];
    names.into_iter().map(str::to_owned).zip(values).collect()
}

proptest! {
    #[test]
    fn logarithms_agree_with_the_equations(
        values in prop::array::uniform4(0.01_f64..1.0),
        latency_ms in 0.5_f64..20.0,
        p in -0.2_f64..0.0,
        q in -1.0_f64..0.0,
    ) {
        let mut reward = cityscapes();
        (reward.p, reward.q) = (Setting::given(p), Setting::given(q));
        let score = reward.score(latency_ms, &metrics(values)).unwrap();
        let [miou, pixel_accuracy, abs_error, rel_error] = values;
        let segmentation = (miou * pixel_accuracy).powf(1.0 / 2.0);
        let depth = (1.0 / abs_error * (1.0 / rel_error)).powf(1.0 / 2.0);
        let accuracy = (segmentation * depth).powf(1.0 / 2.0);
        let beta = if latency_ms <= 4.0 { p } else { q };
        let expected = accuracy * (latency_ms / 4.0).powf(beta);
        prop_assert!((score.accuracy / accuracy - 1.0).abs() < 1e-12);
        prop_assert!((score.reward / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn every_improvement_is_rewarded(
        values in prop::array::uniform4(0.01_f64..1.0),
        index in 0_usize..4,
    ) {
        let mut better = values;
        better[index] *= if index < 2 { 1.01 } else { 0.99 };
        let score = |values| cityscapes().score(5.0, &metrics(values)).unwrap().reward;
        prop_assert!(score(better) > score(values));
        let slower = cityscapes().score(5.5, &metrics(values)).unwrap().reward;
        prop_assert!(slower < score(values));
    }
}

#[test]
fn better_depth_is_worth_more() {
    // Table 2 of the paper: the single-task baseline, and EDNAS with JAReD. With the literal
    // exponent of equation 7 the first would win (0.0731 to 0.0634).
    let mut reward = cityscapes();
    reward.tasks.remove(0);
    let score = |abs_error, rel_error| {
        let metrics = metrics([0.0, 0.0, abs_error, rel_error]);
        reward.score(4.0, &metrics).unwrap().reward
    };
    assert!((score(0.0157, 0.340) - 13.69).abs() < 0.005);
    assert!((score(0.0143, 0.281) - 15.78).abs() < 0.005);
}

#[test]
fn measurements_without_a_reward_say_why() {
    let score = |latency_ms, values| {
        cityscapes()
            .score(latency_ms, &metrics(values))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(score(1.0, [0.1, f64::NAN, 0.1, 0.1]), "`PAcc` is NaN");
    assert_eq!(score(1.0, [0.1, 0.1, f64::INFINITY, 0.1]), "`AbsE` is inf");
    assert_eq!(
        score(0.0, [0.1; 4]),
        "the latency is 0 ms; expected a positive number"
    );
    assert_eq!(
        score(f64::NAN, [0.1; 4]),
        "the latency is NaN ms; expected a positive number"
    );
    let mut fewer = metrics([0.1; 4]);
    fewer.remove("mIoU");
    let message = cityscapes().score(1.0, &fewer).unwrap_err().to_string();
    assert_eq!(
        message,
        "the metric `mIoU` was not measured; measured: AbsE, PAcc, RelE"
    );
}

#[test]
fn one_zero_does_not_hide_the_other_metrics() {
    let score = |miou| {
        cityscapes()
            .score(1.0, &metrics([miou, 0.0, 0.1, 0.1]))
            .unwrap()
            .reward
    };
    assert!(score(0.2) > score(0.1));
    assert!(score(0.1) > 0.0);
}

#[test]
fn assumed_settings_are_named() {
    let mut reward = cityscapes();
    assert_eq!(
        reward.to_json()["assumed"],
        json!(["weights", "p", "q", "latency_target_ms"])
    );
    reward.latency_target_ms = Setting::given(3.0);
    assert_eq!(reward.to_json()["assumed"], json!(["weights", "p", "q"]));
    assert_eq!(reward.to_json()["weights"]["depth"]["AbsE"], json!(-1.0));
}
