//! All genomes of a space as a decision diagram: what counts, draws, ranks and lists them.
//!
//! Layer `i` has one node for every situation that decision `i` can be met in, and an edge per
//! choice to a node of the next layer. Two ways to make the earlier decisions lead to the same
//! node where they allow the same continuations ([`state`]). Every genome is exactly one path to
//! the end, so paths are counted from behind, and drawing a number below their count and following
//! it down is a uniform draw of a genome, whatever the conditions and constraints.

mod plan;
mod state;

use std::collections::HashMap;

use num_bigint::BigUint;
use rand::Rng;

use self::plan::Plan;
use self::state::State;
use super::constraint::Constraint;
use super::decision::Decision;

/// The most edges; beyond them the constraints count as too entangled.
const EDGES_MAX: usize = 2_000_000;

/// No genome goes this way.
const NO_WAY: u32 = u32::MAX;

/// The genomes of a space, or some of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Diagram {
    /// One per decision; the first has one node.
    layers: Vec<Vec<Node>>,
    /// Of the one node behind the last layer.
    end: BigUint,
}

/// A decision in a situation.
#[derive(Debug, Clone, PartialEq)]
struct Node {
    is_idle: bool,
    /// By choice, the node of the next layer or [`NO_WAY`]; one edge where the decision is idle.
    edges: Vec<u32>,
    /// Paths from here to the end.
    count: BigUint,
}

impl Diagram {
    /// The diagram of checked decisions under constraints; nothing where it would be too large.
    pub(super) fn new(decisions: &[Decision], constraints: &[Constraint]) -> Option<Self> {
        let plan = Plan::new(decisions, constraints);
        let mut layers = Vec::with_capacity(decisions.len());
        let mut states = vec![plan.start()];
        let mut edges_total = 0;
        for (index, decision) in decisions.iter().enumerate() {
            let mut next = Numbered::default();
            let mut layer = Vec::with_capacity(states.len());
            for state in &states {
                let is_idle = !plan.is_active(index, state);
                let edges: Vec<u32> = if is_idle {
                    vec![next.number(plan.step(state, index, None))?]
                } else {
                    let choices = 0..decision.choices.len();
                    let step = |choice| next.number(plan.step(state, index, Some(choice)));
                    choices.map(step).collect::<Option<_>>()?
                };
                edges_total += edges.len();
                if edges_total > EDGES_MAX {
                    return None;
                }
                layer.push(Node {
                    is_idle,
                    edges,
                    count: BigUint::ZERO,
                });
            }
            layers.push(layer);
            states = next.states;
        }
        let end = BigUint::from(states.len());
        Some(Self { layers, end }.counted())
    }

    /// The part of this diagram that keeps to the choices that `is_allowed` for a decision that is
    /// to be made.
    pub(super) fn within(&self, is_allowed: impl Fn(usize, usize) -> bool) -> Self {
        let mut layers = Vec::with_capacity(self.layers.len());
        // The nodes that are reached in this layer, by their number in the whole diagram.
        let mut reached = vec![0];
        for (index, layer) in self.layers.iter().enumerate() {
            let mut numbers = HashMap::new();
            let mut next = Vec::new();
            let mut number = |edge: u32| {
                *numbers.entry(edge).or_insert_with(|| {
                    next.push(edge);
                    u32::try_from(next.len() - 1).expect("no more than the whole diagram has")
                })
            };
            let mut part = Vec::with_capacity(reached.len());
            for &node in &reached {
                let node = &layer[position(node)];
                let mut edge = |(choice, &edge): (usize, &u32)| {
                    let is_open = edge != NO_WAY && (node.is_idle || is_allowed(index, choice));
                    if is_open { number(edge) } else { NO_WAY }
                };
                part.push(Node {
                    is_idle: node.is_idle,
                    edges: node.edges.iter().enumerate().map(&mut edge).collect(),
                    count: BigUint::ZERO,
                });
            }
            layers.push(part);
            reached = next;
        }
        let end = match reached.is_empty() {
            true => BigUint::ZERO,
            false => self.end.clone(),
        };
        Self { layers, end }.counted()
    }

    /// The number of genomes.
    pub(super) fn count(&self) -> &BigUint {
        self.count_of(0, 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        *self.count() == BigUint::ZERO
    }

    /// The choices of genome `rank`, in lexicographic order of the choices; idle decisions have 0.
    pub(super) fn at(&self, rank: &BigUint) -> Option<Vec<usize>> {
        if rank >= self.count() {
            return None;
        }
        let mut rest = rank.clone();
        let mut node = 0;
        let mut choices = Vec::with_capacity(self.layers.len());
        for (index, layer) in self.layers.iter().enumerate() {
            for (choice, &edge) in layer[position(node)].edges.iter().enumerate() {
                let count = self.count_of(index + 1, edge);
                if rest < *count {
                    choices.push(choice);
                    node = edge;
                    break;
                }
                rest -= count;
            }
        }
        Some(choices)
    }

    /// The rank of a genome of this diagram.
    pub(super) fn rank(&self, choices: &[usize]) -> BigUint {
        let mut rank = BigUint::ZERO;
        let mut node = 0;
        for (index, (layer, &choice)) in self.layers.iter().zip(choices).enumerate() {
            let edges = &layer[position(node)].edges;
            let before = edges[..choice].iter();
            rank += before
                .map(|&edge| self.count_of(index + 1, edge))
                .sum::<BigUint>();
            node = edges[choice];
        }
        rank
    }

    /// The choices of a genome drawn uniformly from this diagram, which is not empty.
    pub(super) fn draw(&self, rng: &mut impl Rng) -> Vec<usize> {
        let rank = below(self.count(), rng);
        self.at(&rank).expect("the rank is below the count")
    }

    fn count_of(&self, layer: usize, node: u32) -> &BigUint {
        match self.layers.get(layer) {
            _ if node == NO_WAY => &BigUint::ZERO,
            Some(nodes) => &nodes[position(node)].count,
            None => &self.end,
        }
    }

    /// The same diagram with its paths counted.
    fn counted(mut self) -> Self {
        for index in (0..self.layers.len()).rev() {
            for node in 0..self.layers[index].len() {
                let edges = self.layers[index][node].edges.iter();
                let count = edges.map(|&edge| self.count_of(index + 1, edge)).sum();
                self.layers[index][node].count = count;
            }
        }
        self
    }
}

/// The states of a layer, numbered in the order they were met.
#[derive(Default)]
struct Numbered {
    numbers: HashMap<State, u32>,
    states: Vec<State>,
}

impl Numbered {
    /// The number of a state, [`NO_WAY`] for none; nothing where there are too many.
    fn number(&mut self, state: Option<State>) -> Option<u32> {
        let Some(state) = state else {
            return Some(NO_WAY);
        };
        if let Some(&number) = self.numbers.get(&state) {
            return Some(number);
        }
        let number = u32::try_from(self.states.len()).ok()?;
        self.states.push(state.clone());
        self.numbers.insert(state, number);
        Some(number)
    }
}

/// A number below `bound`, which is not 0, drawn uniformly.
pub(super) fn below(bound: &BigUint, rng: &mut impl Rng) -> BigUint {
    let bits = bound.bits();
    let words = bits.div_ceil(32);
    let surplus = words * 32 - bits;
    loop {
        let digits = (0..words).map(|_| rng.next_u32()).collect();
        // The surplus bits go, so that at least every second number is below the bound.
        let drawn = BigUint::new(digits) >> surplus;
        if drawn < *bound {
            return drawn;
        }
    }
}

fn position(node: u32) -> usize {
    usize::try_from(node).expect("a node's number fits")
}
