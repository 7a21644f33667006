//! What a machine did when, as a trace that <https://ui.perfetto.dev> and `chrome://tracing` open.
//!
//! One process is the machine. The track `layers` divides the latency among the layers, as the table
//! of an estimate does; below it every resource that works has a track of its own. The arrays of a
//! grid work on one tile of a loop together, so each has a track with the same slices. Counters
//! show the activations on the chip, how well the arrays are used, and the rate of every way.

mod counters;
mod event;
mod slices;
mod tracks;

use anyhow::{Context, ensure};
use hwmodels::compile::Infeasible;
use hwmodels::simulate::{Speed, watch};
use serde::Serialize;

use super::estimate::{EstimateRecord, LayerRecord, Program, Question, Timed, records, timed_by};
use event::{Clock, Event, Span};
use slices::Slices;
use tracks::Tracks;

/// The most arrays, and vector units, of a grid with a track of their own.
const TILES_MAX: u64 = 16;

/// Programs that were timed with their slices kept.
pub struct Traced<'a> {
    outcomes: Vec<Result<Timed<'a>, Infeasible>>,
    slices: Vec<Slices>,
}

/// About the trace, beside its events.
#[derive(Serialize)]
struct About<'a> {
    schema: &'static str,
    ednas: &'static str,
    model: &'a str,
    profile: &'a str,
    precision: &'a str,
    speed: &'static str,
    clock_mhz: f64,
    cycles: u64,
    latency_ms: f64,
    joined_intervals: u64,
    note: &'static str,
}

impl<'a> Traced<'a> {
    /// Compiles and times `programs`; at the fast speed by events, since a trace skips nothing.
    #[must_use]
    pub fn new(question: &Question<'_>, programs: &'a [Program]) -> Self {
        let profile = question.profile;
        let mut slices = Vec::with_capacity(programs.len());
        let outcomes = timed_by(profile, programs, |schedule| {
            let mut own = Slices::default();
            let watcher = &mut |interval| own.add(&interval);
            let estimate = watch(profile, schedule, question.speed, watcher);
            slices.push(own);
            estimate
        });
        Self { outcomes, slices }
    }

    /// The programs, timed, without the slices.
    pub fn outcomes(&self) -> &[Result<Timed<'a>, Infeasible>] {
        &self.outcomes
    }

    /// The trace as JSON, an event a line; `record` is the estimate of the same programs.
    ///
    /// # Errors
    /// Programs that the machine cannot run.
    pub fn json(
        &self,
        question: &Question<'_>,
        record: &EstimateRecord,
    ) -> anyhow::Result<Vec<u8>> {
        let cost = record
            .cost
            .as_ref()
            .with_context(|| format!("no trace: {}", record.refusal()))?;
        let joined_intervals = self.slices.iter().map(Slices::joined_intervals).sum();
        let about = About {
            schema: "ednas.trace/1",
            ednas: env!("CARGO_PKG_VERSION"),
            model: question.model,
            profile: question.profile.name(),
            precision: record.precision,
            speed: match question.speed {
                Speed::Fast | Speed::Events => "events",
                Speed::Stepped => "stepped",
            },
            clock_mhz: record.clock_mhz,
            cycles: cost.cycles,
            latency_ms: cost.latency_ms,
            joined_intervals,
            note: match joined_intervals {
                0 => "every interval is a slice of its own",
                _ => {
                    "neighboring intervals of long layers are joined; `intervals` and `busy_cycles` of a slice tell of it"
                }
            },
        };
        let mut writer = Writer::new(&about)?;
        let tracks = Tracks::new(question.profile, &self.slices);
        tracks.name(question.profile, &record.subject(), &mut writer)?;
        let mut start_cycle = 0;
        for (outcome, slices) in self.outcomes.iter().zip(&self.slices) {
            let Ok(timed) = outcome else {
                continue;
            };
            let hz = timed.estimate.clock_hz;
            let layers: Vec<LayerRecord> = records(question.profile, timed).collect();
            let one = One {
                timed,
                slices,
                layers: &layers,
                clock: Clock { hz, start_cycle },
            };
            tracks.slices(&one, &mut writer)?;
            counters::counters(question.profile, &one, &mut writer)?;
            start_cycle += timed.estimate.cycles;
        }
        writer.finish()
    }
}

/// One program of the trace.
struct One<'a> {
    timed: &'a Timed<'a>,
    slices: &'a Slices,
    /// By entry of the estimate.
    layers: &'a [LayerRecord],
    clock: Clock,
}

/// A layer's share of the latency: from the latest end of any entry before it to its own.
struct Window<'a> {
    span: Span,
    layer: &'a LayerRecord,
}

impl One<'_> {
    /// The layers that take time of their own, which follow each other without a gap.
    fn windows(&self) -> impl Iterator<Item = Window<'_>> {
        let mut end_cycle = 0;
        let windows = self.layers.iter().map(move |layer| {
            let start_cycle = end_cycle;
            end_cycle += layer.cycles;
            Window {
                span: self.clock.span(start_cycle, end_cycle),
                layer,
            }
        });
        windows.filter(|window| window.layer.cycles > 0)
    }
}

/// The file under construction.
struct Writer {
    json: Vec<u8>,
    events: usize,
}

impl Writer {
    fn new(about: &About<'_>) -> anyhow::Result<Self> {
        let mut json = br#"{"displayTimeUnit":"ns","otherData":"#.to_vec();
        serde_json::to_writer(&mut json, about)?;
        json.extend(br#","traceEvents":["#);
        Ok(Self { json, events: 0 })
    }

    fn event<A: Serialize>(&mut self, event: &Event<'_, A>) -> anyhow::Result<()> {
        self.json
            .extend(if self.events == 0 { "\n" } else { ",\n" }.bytes());
        self.events += 1;
        Ok(serde_json::to_writer(&mut self.json, event)?)
    }

    fn finish(mut self) -> anyhow::Result<Vec<u8>> {
        ensure!(self.events > 0, "a trace without events");
        self.json.extend(b"\n]}\n");
        Ok(self.json)
    }
}
