//! Every runtime against every other, in steps of the integers.

use anyhow::{Context, Result};
use kernels::{Data, Verified};

use super::agreement::Agreement;
use super::runtime::RuntimeName;

/// How two runtimes agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The one held against.
    pub reference: RuntimeName,
    /// The other.
    pub runtime: RuntimeName,
    /// Per output of the network, over all samples.
    pub outputs: Vec<Agreement>,
    /// The sample with most elements more than one step apart.
    pub worst: Option<Worst>,
}

/// Where two runtimes disagree most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worst {
    /// Which sample, counted from 0.
    pub sample: usize,
    /// Elements more than one step apart.
    pub elements: u64,
}

impl Pair {
    /// All outputs together.
    #[must_use]
    pub fn all(&self) -> Agreement {
        let outputs = self.outputs.iter().copied();
        outputs.fold(Agreement::default(), Agreement::merge)
    }
}

/// What runtimes gave for the same samples: per sample, every output.
pub type Results = Vec<(RuntimeName, Vec<Vec<Data>>)>;

/// Adds the samples from number `first` on to `pairs`, one per two runtimes in their order.
///
/// # Errors
///
/// When two results cannot be compared; the error names the output.
pub fn add(pairs: &mut Vec<Pair>, graph: &Verified, first: usize, results: &Results) -> Result<()> {
    for (position, (reference, expected)) in results.iter().enumerate() {
        for (runtime, found) in &results[position + 1..] {
            let pair = pair(pairs, graph, *reference, *runtime);
            for (offset, (found, expected)) in found.iter().zip(expected).enumerate() {
                pair.add(graph, first + offset, found, expected)?;
            }
        }
    }
    Ok(())
}

fn pair<'p>(
    pairs: &'p mut Vec<Pair>,
    graph: &Verified,
    reference: RuntimeName,
    runtime: RuntimeName,
) -> &'p mut Pair {
    let of = |pair: &Pair| pair.reference == reference && pair.runtime == runtime;
    let position = pairs.iter().position(of).unwrap_or_else(|| {
        pairs.push(Pair {
            reference,
            runtime,
            outputs: vec![Agreement::default(); graph.outputs.len()],
            worst: None,
        });
        pairs.len() - 1
    });
    &mut pairs[position]
}

impl Pair {
    fn add(
        &mut self,
        graph: &Verified,
        sample: usize,
        found: &[Data],
        expected: &[Data],
    ) -> Result<()> {
        let mut apart = 0;
        for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
            let of_output = Agreement::of(found, expected).with_context(|| {
                let name = &graph[graph.outputs[index]].name;
                format!("output `{name}` of {} and {}", self.runtime, self.reference)
            })?;
            apart += of_output.beyond_one();
            self.outputs[index] = self.outputs[index].merge(of_output);
        }
        if apart > self.worst.map_or(0, |worst| worst.elements) {
            self.worst = Some(Worst {
                sample,
                elements: apart,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernels::op::Unary;
    use kernels::{DataType, GraphBuilder, Op, Quantization, verify};

    use super::*;

    fn network() -> Verified {
        let mut b = GraphBuilder::new("n");
        let x = b.input("x", [1, 2], DataType::I8);
        let y = b.push("y", Op::Unary(Unary::Relu), &[x]).unwrap();
        for id in [x, y] {
            b.tensor_mut(id).quantization = Some(Quantization::per_tensor(0.1, 0));
        }
        b.output(y);
        verify(b.finish()).unwrap()
    }

    fn results(of: &[(RuntimeName, [[i8; 2]; 2])]) -> Results {
        let samples = |samples: [[i8; 2]; 2]| {
            let sample = |sample: [i8; 2]| vec![Data::I8(sample.into())];
            samples.map(sample).to_vec()
        };
        of.iter()
            .map(|(name, data)| (*name, samples(*data)))
            .collect()
    }

    #[test]
    fn every_two_runtimes_are_a_pair_and_samples_add_up() {
        let graph = network();
        let (exact, tract) = (RuntimeName::Kernels, RuntimeName::Tract);
        let mut pairs = Vec::new();
        let litert = (RuntimeName::LiteRt, [[0, 0], [5, 5]]);
        let first = results(&[(exact, [[0, 0], [5, 5]]), litert, (tract, [[1, 0], [5, 5]])]);
        add(&mut pairs, &graph, 0, &first).unwrap();
        let second = results(&[(exact, [[0, 0], [5, 5]]), litert, (tract, [[1, 9], [5, 8]])]);
        add(&mut pairs, &graph, 2, &second).unwrap();
        assert_eq!(pairs.len(), 3);
        assert_eq!(pairs[0].all().share_equal(), Some(1.0));
        assert_eq!(pairs[0].worst, None);
        let against_tract = &pairs[1];
        assert_eq!(
            (against_tract.reference, against_tract.runtime),
            (exact, tract)
        );
        assert_eq!(against_tract.all().elements(), 8);
        assert_eq!(against_tract.all().steps_max(), 9);
        let worst = Worst {
            sample: 2,
            elements: 1,
        };
        assert_eq!(against_tract.worst, Some(worst));
    }
}
