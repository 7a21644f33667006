//! The tracks of a trace, and the slices on them.

use std::collections::BTreeMap;

use hwmodels::profile::Profile;
use hwmodels::simulate::{LayerOf, Resource};
use serde::Serialize;

use super::event::Event;
use super::slices::{Slice, Slices};
use super::{One, TILES_MAX, Writer};
use crate::report::estimate::LayerRecord;

/// The track that divides the latency among the layers.
const LAYERS: u64 = 1;

/// A name, as an argument.
#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

/// A place in the order of tracks, as an argument.
#[derive(Serialize)]
struct SortIndex {
    sort_index: u64,
}

/// Words beside the name of the machine, as an argument.
#[derive(Serialize)]
struct Labels<'a> {
    labels: &'a str,
}

/// What is known of a layer.
#[derive(Clone, Copy, Serialize)]
struct LayerArguments<'a> {
    network: &'a str,
    op: &'a str,
    cycles: u64,
    macs: u64,
    moved_bytes: u64,
    bound_by: Option<&'a str>,
    priced_by: Option<&'a str>,
    source: Option<&'a str>,
}

/// What is known of a slice on a resource; the rest is of its layer.
#[derive(Serialize)]
struct SliceArguments<'a> {
    what: &'a str,
    cycles: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intervals: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    busy_cycles: Option<u64>,
    layer: LayerArguments<'a>,
}

/// What is known of a layer's share of the latency.
#[derive(Serialize)]
struct WindowArguments<'a> {
    #[serde(flatten)]
    layer: LayerArguments<'a>,
    utilization: Option<f64>,
    stalls: BTreeMap<&'a str, u64>,
}

/// The tracks in the order they are shown.
pub(super) struct Tracks {
    /// Number, name, and the resource that it shows.
    resources: Vec<(u64, String, Resource)>,
}

impl Tracks {
    /// A track for every resource that works in one of the programs.
    pub(super) fn new(profile: &Profile, programs: &[Slices]) -> Self {
        let works = |resource: &Resource| {
            let mut lanes = programs.iter().flat_map(Slices::lanes);
            lanes.any(|(working, _)| working == *resource)
        };
        let named = |resource: Resource| {
            let names = names(resource, profile.tiles()).into_iter();
            names.map(move |name| (name, resource))
        };
        let tracks = Resource::ALL.into_iter().filter(works).flat_map(named);
        let numbered = (LAYERS + 1..).zip(tracks);
        Self {
            resources: numbered
                .map(|(number, (name, of))| (number, name, of))
                .collect(),
        }
    }

    /// Names the machine and its tracks.
    pub(super) fn name(
        &self,
        profile: &Profile,
        subject: &str,
        writer: &mut Writer,
    ) -> anyhow::Result<()> {
        let name = profile.name();
        writer.event(&Event::meta("process_name", None, Name { name }))?;
        let labels = Labels { labels: subject };
        writer.event(&Event::meta("process_labels", None, labels))?;
        let layers = std::iter::once((LAYERS, "layers"));
        let resources = self
            .resources
            .iter()
            .map(|(number, name, _)| (*number, &**name));
        for (number, name) in layers.chain(resources) {
            writer.event(&Event::meta("thread_name", Some(number), Name { name }))?;
            let sort_index = SortIndex { sort_index: number };
            writer.event(&Event::meta("thread_sort_index", Some(number), sort_index))?;
        }
        Ok(())
    }

    /// The slices of a program, track by track.
    pub(super) fn slices(&self, one: &One<'_>, writer: &mut Writer) -> anyhow::Result<()> {
        for window in one.windows() {
            let layer = window.layer;
            let stalls = layer.stalls.iter().map(|stall| (stall.cause, stall.cycles));
            let arguments = WindowArguments {
                layer: LayerArguments::of(layer),
                utilization: layer.utilization,
                stalls: stalls.collect(),
            };
            let name = (&*layer.name, layer.bound_by.unwrap_or_default());
            writer.event(&Event::slice(LAYERS, name, window.span, arguments))?;
        }
        let records = one.timed.estimate.layers.iter().zip(one.layers);
        let by_entry: BTreeMap<LayerOf, &LayerRecord> =
            records.map(|(layer, record)| (layer.of, record)).collect();
        for (resource, slices) in one.slices.lanes() {
            for (number, _, _) in self.resources.iter().filter(|track| track.2 == resource) {
                for slice in slices {
                    let layer = by_entry[&slice.layer];
                    let span = one.clock.span(slice.start_cycle, slice.end_cycle);
                    let name = (&*layer.name, slice.what.name());
                    let arguments = SliceArguments::of(slice, layer);
                    writer.event(&Event::slice(*number, name, span, arguments))?;
                }
            }
        }
        Ok(())
    }
}

/// The names of the tracks of a resource: several where a grid has several of it that work
/// together, and they are few enough.
fn names(resource: Resource, tiles: u64) -> Vec<String> {
    let name = resource.name();
    match resource {
        Resource::Array | Resource::Vector if (2..=TILES_MAX).contains(&tiles) => {
            (0..tiles).map(|tile| format!("{name}[{tile}]")).collect()
        }
        Resource::Array | Resource::Vector if tiles > TILES_MAX => {
            vec![format!("{name}[0..{}]", tiles - 1)]
        }
        Resource::Array | Resource::Vector | Resource::Noc | Resource::Host | Resource::Port(_) => {
            vec![name.to_owned()]
        }
    }
}

impl<'a> LayerArguments<'a> {
    fn of(layer: &'a LayerRecord) -> Self {
        Self {
            network: &layer.network,
            op: &layer.op,
            cycles: layer.cycles,
            macs: layer.macs,
            moved_bytes: layer.moved_bytes,
            bound_by: layer.bound_by,
            priced_by: layer.priced_by,
            source: layer.source,
        }
    }
}

impl<'a> SliceArguments<'a> {
    fn of(slice: &Slice, layer: &'a LayerRecord) -> Self {
        let joined = slice.intervals > 1;
        Self {
            what: slice.what.name(),
            cycles: slice.end_cycle - slice.start_cycle,
            bytes: (slice.bytes > 0).then_some(slice.bytes),
            intervals: joined.then_some(slice.intervals),
            busy_cycles: joined.then_some(slice.busy_cycles),
            layer: LayerArguments::of(layer),
        }
    }
}
