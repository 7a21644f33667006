//! The losses against their equations, pixel by pixel.

use tch::Device;

use super::*;
use crate::operators::extents;

/// Two pixels of one image, the second without any label.
fn truth() -> Truth {
    Truth {
        classes: Tensor::from_slice(&[1_i64, 255]).reshape([1, 1, 2]),
        has_classes: true,
        depth: Tensor::from_slice(&[0.5_f32, 0.0]).reshape([1, 1, 2, 1]),
        normals: Tensor::from_slice(&[0.0_f32, 0.0, -1.0, 0.0, 0.0, 0.0]).reshape([1, 1, 2, 3]),
    }
}

fn of(task: Task, prediction: &[f32], depth_loss: DepthLoss) -> f64 {
    let channels = prediction.len() / 2;
    let prediction = Tensor::from_slice(prediction).reshape(extents(&[1, 1, 2, channels]));
    loss(task, &prediction, &truth(), depth_loss).double_value(&[])
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-6,
        "{found}, expected {expected}"
    );
}

#[test]
fn unlabeled_pixels_do_not_count() {
    let l1 = DepthLoss::L1;
    near(of(Task::Depth, &[0.3, 9.0], l1), 0.2);
    near(of(Task::Normals, &[0.0, 3.0, -4.0, 5.0, 0.0, 0.0], l1), 0.2);
    let seg = of(Task::Segmentation, &[0.0, 2.0, 7.0, 0.0], l1);
    near(seg, (1.0 + (-2.0_f64).exp()).ln());
}

#[test]
fn a_batch_without_labels_has_no_loss_and_no_gradient() {
    let nothing = Truth {
        classes: Tensor::from_slice(&[255_i64, 255]).reshape([1, 1, 2]),
        has_classes: false,
        depth: Tensor::zeros([1, 1, 2, 1], (Kind::Float, Device::Cpu)),
        normals: Tensor::zeros([1, 1, 2, 3], (Kind::Float, Device::Cpu)),
    };
    for task in Task::ALL {
        let shape = extents(&[1, 1, 2, task.channels(4)]);
        let prediction = Tensor::ones(shape, (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let loss = loss(task, &prediction, &nothing, DepthLoss::L1);
        loss.backward();
        let gradient = prediction.grad().abs().sum(Kind::Float).double_value(&[]);
        assert!(gradient.abs() < 1e-12, "{task}: {gradient}");
        assert!(loss.double_value(&[]).is_finite(), "{task}");
    }
}

#[test]
fn jared_adds_the_relative_error() {
    let jared = DepthLoss::Jared { lambda: 0.1 };
    near(of(Task::Depth, &[0.3, 9.0], jared), 0.2 + 0.1 * 0.4);
}

#[test]
fn no_label_at_all_is_no_loss() {
    let nothing = Truth {
        depth: Tensor::zeros([1, 1, 2, 1], (Kind::Float, Device::Cpu)),
        normals: Tensor::zeros([1, 1, 2, 3], (Kind::Float, Device::Cpu)),
        ..truth()
    };
    let depth = Tensor::ones([1, 1, 2, 1], (Kind::Float, Device::Cpu));
    let jared = DepthLoss::Jared { lambda: 0.1 };
    near(
        loss(Task::Depth, &depth, &nothing, jared).double_value(&[]),
        0.0,
    );
}

#[test]
fn gradients_are_finite_where_nothing_is_labeled_and_nothing_is_predicted() {
    for task in Task::ALL {
        let size = extents(&[1, 1, 2, task.channels(19)]);
        let prediction = Tensor::zeros(size, (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let jared = DepthLoss::Jared { lambda: 0.1 };
        let loss = loss(task, &prediction, &truth(), jared);
        let gradient = &Tensor::run_backward(&[loss], &[&prediction], false, false)[0];
        let finite = gradient.isfinite().all().int64_value(&[]);
        assert_eq!(finite, 1, "{task}: {gradient:?}");
    }
}
