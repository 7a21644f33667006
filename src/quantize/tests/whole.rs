//! Whole quantizations: biases, what layers cost, mixed choices, threads, and what is refused.

use super::super::bias::correct;
use super::super::mixed;
use super::super::part::{Part, observed};
use super::super::sensitivity::{self, Layer};
use super::super::twins::Twins;
use super::super::{Choice, Judged, Method, Options, Power, Quantized, run};
use super::*;
use crate::report::Console;

fn samples(count: usize, seed: u64) -> Vec<Vec<Data>> {
    let images = images(count, 16 * 16 * 3, seed);
    images.into_iter().map(|image| vec![image]).collect()
}

fn by(choice: Choice) -> Options {
    Options {
        choice,
        judged: Judged::Layers,
        ..Options::default()
    }
}

fn ran(float: &Verified, samples: &[Vec<Data>], options: &Options) -> Quantized {
    run(float, samples, options, &Console::default()).unwrap()
}

/// `graph` with other elements for the constant `name`.
fn with(graph: &Verified, name: &str, elements: impl Fn(&Data) -> Data) -> Verified {
    let id = graph.tensor_named(name).unwrap();
    let new = elements(graph[id].data().unwrap());
    let mut graph = graph.clone().into_graph();
    graph.tensors[id.index()].content = Content::Constant(new);
    verify(graph).unwrap()
}

fn bias(graph: &Verified, node: &str) -> Vec<i32> {
    let node = graph.nodes.iter().find(|n| n.name == node).unwrap();
    match graph[node.inputs[2]].data() {
        Some(Data::I32(bias)) => bias.to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_method_tracks_the_floats() {
    let float = fold(&initialized(&small(), 2));
    for method in ["minmax", "percentile:99.9", "mse", "entropy", "auto"] {
        for bias_correction in [false, true] {
            let options = Options {
                choice: method.parse().unwrap(),
                bias_correction,
                ..Options::default()
            };
            let found = ran(&float, &samples(8, 5), &options);
            let found = signal_to_noise_db(&float, &found.int8, &images(8, 16 * 16 * 3, 6));
            assert!(found.iter().all(|&db| db > 18.0), "{options}: {found:.1?}");
        }
    }
}

#[test]
fn a_planted_shift_of_the_mean_is_removed() {
    let float = fold(&initialized(&small(), 1));
    let samples = samples(4, 1);
    let int8 = ran(&float, &samples, &Options::default()).int8;
    let corrected = correct(&float, &int8, &samples, &|| ()).unwrap();
    for layer in ["stem", "expand", "depthwise", "project", "class"] {
        let node = int8.nodes.iter().find(|n| n.name == layer).unwrap();
        let planted = with(&int8, &int8[node.inputs[2]].name.clone(), |bias| {
            let Data::I32(bias) = bias else {
                panic!("{bias:?}");
            };
            Data::I32(bias.iter().map(|b| b + 1234).collect())
        });
        let mended = correct(&float, &planted, &samples, &|| ()).unwrap();
        // Means are those of single precision sums.
        for (found, expected) in bias(&mended, layer).iter().zip(bias(&corrected, layer)) {
            assert!((found - expected).abs() <= 1, "{layer}: {found} {expected}");
        }
    }
}

/// The mean error that is left, layer by layer, is below what one step of a bias is.
#[test]
fn corrected_channels_have_the_mean_of_the_floats() {
    let float = fold(&initialized(&small(), 4));
    let samples = samples(3, 1);
    let int8 = ran(&float, &samples, &Options::default()).int8;
    let once = correct(&float, &int8, &samples, &|| ()).unwrap();
    let twice = correct(&float, &once, &samples, &|| ()).unwrap();
    assert_ne!(bias(&int8, "project"), bias(&once, "project"));
    for layer in ["stem", "expand", "depthwise", "project", "class"] {
        for (a, b) in bias(&once, layer).iter().zip(bias(&twice, layer)) {
            assert!((a - b).abs() <= 1, "{layer}: {a} {b}");
        }
    }
}

#[test]
fn a_planted_bad_layer_costs_most() {
    let float = fold(&initialized(&small(), 3));
    let samples = samples(2, 1);
    let int8 = ran(&float, &samples, &Options::default()).int8;
    let judged: Vec<_> = samples
        .iter()
        .map(|s| observed(&float, s).unwrap())
        .collect();
    for bad in ["expand", "depthwise", "project"] {
        let node = int8.nodes.iter().find(|n| n.name == bad).unwrap();
        let broken = with(&int8, &int8[node.inputs[1]].name.clone(), |weights| {
            let Data::I8(weights) = weights else {
                panic!("{weights:?}");
            };
            Data::I8(weights.iter().map(|w| w / 16 * 16).collect())
        });
        let layers = sensitivity::layers(&float, &broken, &judged, &|| ()).unwrap();
        let costliest = layers.iter().max_by(|a, b| a.cost().total_cmp(&b.cost()));
        assert_eq!(costliest.unwrap().node, bad);
        let noisiest = layers.iter().min_by(|a, b| {
            let db = |layer: &Layer| layer.alone.db().unwrap_or(f64::INFINITY);
            db(a).total_cmp(&db(b))
        });
        assert_eq!(noisiest.unwrap().node, bad);
    }
}

/// One layer in integers, the slow way: the whole graph in floats, with that result replaced.
#[test]
fn leaving_one_layer_in_is_running_everything_else_in_floats() {
    let float = fold(&initialized(&small(), 3));
    let samples = samples(1, 1);
    let found = ran(&float, &samples, &by(Choice::All(Method::MinMax)));
    let values = observed(&float, &samples[0]).unwrap();
    let twins = Twins::new(&float, &found.int8);
    for (layer, id) in found.layers.iter().zip(float.node_ids()) {
        let part = twins.part(id);
        let operand = |id| twins.quantized(id, &values).unwrap();
        let result = part.run(operand).unwrap().remove(0);
        let reals = to_reals(&found.int8[part.outputs[0]], &result).unwrap();
        let outputs = evaluate(&replaced(&float, id.index(), reals), &samples[0]).unwrap();
        for (position, (&output, outputs)) in float.outputs.iter().zip(&outputs).enumerate() {
            let (Some(Data::F32(expected)), Data::F32(outputs)) =
                (&values[output.index()], outputs)
            else {
                panic!("outputs are floats");
            };
            let expected = Power::between(expected, outputs);
            assert_eq!(layer.at_outputs[position], expected, "{}", layer.node);
        }
    }
    assert_eq!(
        found.layers.last().unwrap().at_outputs[0].noise,
        0.0,
        "another branch"
    );
}

/// `graph` where the result of a node is the constant `reals`.
fn replaced(graph: &Verified, node: usize, reals: Vec<f32>) -> Verified {
    let mut graph = graph.clone().into_graph();
    let removed = graph.nodes.remove(node);
    let result = &mut graph.tensors[removed.outputs[0].index()];
    result.content = Content::Constant(Data::F32(reals.into()));
    verify(graph).unwrap()
}

#[test]
fn a_mixed_choice_takes_the_least_noise_of_each_activation() {
    let float = fold(&initialized(&small(), 6));
    let samples = samples(4, 2);
    let found = ran(&float, &samples, &by(Choice::Auto));
    let judged: Vec<_> = samples
        .iter()
        .map(|s| observed(&float, s).unwrap())
        .collect();
    let single = |method| ran(&float, &samples, &by(Choice::All(method)));
    let singles = Method::CANDIDATES.map(single);
    let mut decided = 0;
    for (position, activation) in found.activations.iter().enumerate() {
        let Some(method) = activation.method else {
            continue;
        };
        decided += 1;
        let id = float.tensor_named(&activation.tensor).unwrap();
        let below = Part::below(&float, id);
        let noise = |range| mixed::noise(&float, id, range, &below, &judged).unwrap();
        let all = singles
            .each_ref()
            .map(|one| noise(one.activations[position].chosen));
        let least = all.iter().copied().fold(f64::INFINITY, f64::min);
        assert_eq!(
            noise(activation.chosen),
            least,
            "{}: {method}",
            activation.tensor
        );
    }
    assert!(decided > 5, "{decided}");
    let chosen = |tensor: &str| {
        let of = found.activations.iter().find(|a| a.tensor == tensor);
        of.unwrap().chosen
    };
    assert_eq!(
        chosen("add"),
        chosen("up"),
        "nothing is chosen for what follows an operand"
    );
}

#[test]
fn threads_change_nothing() {
    let float = fold(&initialized(&small(), 1));
    let samples = samples(7, 1);
    for choice in ["mse", "entropy", "auto"] {
        let options = Options {
            bias_correction: true,
            ..by(choice.parse().unwrap())
        };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| ran(&float, &samples, &options))
        };
        assert_eq!(on(1), on(3), "{choice}");
    }
}

#[test]
fn learned_ranges_are_kept() {
    let float = fold(&initialized(&small(), 1));
    let samples = samples(2, 1);
    let ranges = Ranges::by_name(&float, |_| {
        Some(Range {
            min: -3.0,
            max: 5.0,
        })
    });
    let expected = quantize(&float, &ranges).unwrap();
    let found = ran(&float, &samples, &by(Choice::Learned(ranges)));
    assert_eq!(found.int8, expected);
    assert!(found.activations.iter().all(|a| a.method.is_none()));
}

#[test]
fn an_activation_that_never_varies_is_told() {
    let float = fold(&initialized(&small(), 1));
    let zeros = |weights: &Data| Data::F32(vec![0.0; weights.len()].into());
    let float = with(&float, "project.w", zeros);
    let float = with(&float, "project.b", zeros);
    let found = ran(&float, &samples(2, 1), &Options::default());
    let constant = found.activations.iter().filter(|a| a.is_constant());
    assert_eq!(
        constant.map(|a| a.tensor.as_str()).collect::<Vec<_>>(),
        ["project"]
    );
}

#[test]
fn bad_calibration_data_is_refused() {
    let float = fold(&initialized(&small(), 1));
    let refused = |samples: &[Vec<Data>], expected| {
        let found = run(&float, samples, &Options::default(), &Console::default());
        refuses(found, expected);
    };
    let of = |value: f32, len| vec![vec![Data::F32(vec![value; len].into())]];
    refused(
        &[],
        expect!["calibration needs at least one image, found none"],
    );
    let unknown = run(
        &fold(&small()),
        &of(0.5, 768),
        &Options::default(),
        &Console::default(),
    );
    refuses(
        unknown,
        expect![
            "`stem.w` has no values, or some that are NaN or infinite: load finite weights before quantizing"
        ],
    );
    refused(
        &of(0.5, 768),
        expect![
            "input `image` is 0.5 in every element of every calibration image: no range can be learned from it; calibrate with images like those the network will see"
        ],
    );
    refused(
        &of(0.5, 767),
        expect![
            "calibration image 0: input `image`: found 767 f32 elements, expected f32 [1, 16, 16, 3]"
        ],
    );
    refused(
        &of(f32::NAN, 768),
        expect![
            "`image` ranges from NaN to NaN, expected finite numbers: the network has diverged, or an image is broken"
        ],
    );
}

#[test]
fn methods_are_called_by_name() {
    for name in ["minmax", "percentile:99.99", "mse", "entropy", "auto"] {
        assert_eq!(name.parse::<Choice>().unwrap().to_string(), name);
    }
    let percentile = "percentile".parse::<Choice>().unwrap();
    assert_eq!(percentile, Choice::All(Method::Percentile(99.99)));
    for name in [
        "kl",
        "percentile:50",
        "percentile:101",
        "percentile:NaN",
        "mse:2",
    ] {
        let error = name.parse::<Choice>().unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("entropy"), "{error}");
    }
}
