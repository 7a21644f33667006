//! What was measured of a trial: a few numbers by name, where trials share the names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Numbers by name, in alphabetical order.
///
/// Trials of a study are measured alike: a [`History`](super::History) keeps each set of names
/// once, so that a million trials cost their numbers.
///
/// ```
/// use ednas::study::Metrics;
///
/// let metrics: Metrics = [("macs".to_owned(), 2e6), ("latency_ms".to_owned(), 1.5)].into_iter().collect();
/// assert_eq!(metrics.get("macs"), Some(2e6));
/// assert_eq!(metrics.iter().next(), Some(("latency_ms", 1.5)));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    names: Arc<[String]>,
    values: Box<[f64]>,
}

/// The sets of names met so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(Vec<Arc<[String]>>);

/// Sets of names that are looked at: a study has one or two.
const SETS_MAX: usize = 8;

impl Metrics {
    /// The number called `name`, when it was measured.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        let place = self.names.binary_search_by(|n| n.as_str().cmp(name)).ok()?;
        Some(self.values[place])
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        let names = self.names.iter().map(String::as_str);
        names.zip(self.values.iter().copied())
    }

    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn names(&self) -> &Arc<[String]> {
        &self.names
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Numbers in the order of `names`, which is alphabetical; nothing when their counts differ.
    pub(super) fn of(names: Arc<[String]>, values: Vec<f64>) -> Option<Self> {
        let is_sorted = names.windows(2).all(|pair| pair[0] < pair[1]);
        (names.len() == values.len() && is_sorted).then(|| Self {
            names,
            values: values.into(),
        })
    }
}

impl From<BTreeMap<String, f64>> for Metrics {
    fn from(metrics: BTreeMap<String, f64>) -> Self {
        let (names, values): (Vec<String>, Vec<f64>) = metrics.into_iter().unzip();
        Self {
            names: names.into(),
            values: values.into(),
        }
    }
}

impl FromIterator<(String, f64)> for Metrics {
    /// Of a name that appears twice the later number counts.
    fn from_iter<I: IntoIterator<Item = (String, f64)>>(metrics: I) -> Self {
        metrics.into_iter().collect::<BTreeMap<_, _>>().into()
    }
}

impl Names {
    /// Lets `metrics` share the names of others that have the same.
    pub(super) fn share(&mut self, metrics: &mut Metrics) {
        match self.0.iter().find(|names| ***names == *metrics.names) {
            Some(names) => metrics.names = Arc::clone(names),
            None => self.keep(&metrics.names),
        }
    }

    /// The metrics of `pairs`; of a name that appears twice the later number counts.
    pub(super) fn metrics(&mut self, pairs: &[(Cow<str>, f64)]) -> Metrics {
        let are = |names: &[String]| {
            names.len() == pairs.len() && names.iter().zip(pairs).all(|(n, p)| *n == p.0)
        };
        if let Some(names) = self.0.iter().find(|names| are(names)) {
            return Metrics {
                names: Arc::clone(names),
                values: pairs.iter().map(|pair| pair.1).collect(),
            };
        }
        let owned = pairs.iter().map(|(name, value)| (name.to_string(), *value));
        let metrics: Metrics = owned.collect();
        self.keep(&metrics.names);
        metrics
    }

    fn keep(&mut self, names: &Arc<[String]>) {
        if self.0.len() < SETS_MAX {
            self.0.push(Arc::clone(names));
        }
    }
}
