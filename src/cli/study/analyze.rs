//! What `ednas study analyze` is about: the best trials of a journal, or genomes.

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Context, anyhow};

use super::{objective, read};
use crate::cli::exit::OrBadInput;
use crate::report::study::AnalysisRecord;
use crate::space::ednas::{FusedDefinition, named};
use crate::space::{Genome, Space, SpaceFile};
use crate::study::{Analysis, History, ranking};

/// The best are one in so many of the complete trials, where nothing is said.
const TOP_SHARE: usize = 10;

/// The record about `what`.
pub(super) fn record(
    what: &[String],
    top: Option<NonZeroUsize>,
    by: Option<&str>,
) -> anyhow::Result<AnalysisRecord> {
    match what {
        [journal] if Path::new(journal).exists() => of_journal(journal, top, by),
        genomes => of_genomes(genomes, top, by).or_bad_input(),
    }
}

fn of_journal(
    journal: &str,
    top: Option<NonZeroUsize>,
    by: Option<&str>,
) -> anyhow::Result<AnalysisRecord> {
    let recorded = read(Path::new(journal))?;
    let objective = objective(&recorded, by).or_bad_input()?;
    let mut ranked = ranking(&recorded.history, &objective);
    if ranked.is_empty() {
        return Err(anyhow!("{journal}: no trial is complete yet")).or_bad_input();
    }
    let tenth = ranked.len().div_ceil(TOP_SHARE);
    ranked.truncate(top.map_or(tenth, NonZeroUsize::get));
    let analysis = Analysis::among(&recorded.space, &recorded.history, ranked);
    let studied = vec![journal.to_owned()];
    Ok(AnalysisRecord::new(
        studied,
        Some(objective.name),
        &analysis,
    ))
}

fn of_genomes(
    genomes: &[String],
    top: Option<NonZeroUsize>,
    by: Option<&str>,
) -> anyhow::Result<AnalysisRecord> {
    if top.is_some() || by.is_some() {
        anyhow::bail!(
            "--top and --by rank the trials of a journal, and {} is none; leave them out, or give \
             the journal of a search",
            genomes.join(" ")
        );
    }
    let mut history = History::default();
    let mut space: Option<Space> = None;
    for text in genomes {
        let (own, genome) = genome(text)?;
        let known = space.get_or_insert_with(|| own.clone());
        if *known != own {
            anyhow::bail!("{text} is of another space than {}", genomes[0]);
        }
        history.propose(genome, None);
    }
    let space = space.context("there is no genome")?;
    let all = (0..history.trials().len()).collect();
    let analysis = Analysis::among(&space, &history, all);
    Ok(AnalysisRecord::new(genomes.to_vec(), None, &analysis))
}

/// The genome that `text` names or spells, and its space.
fn genome(text: &str) -> anyhow::Result<(Space, Genome)> {
    let fused = FusedDefinition::default();
    let spelled = match named::trunk(text, fused) {
        Some(trunk) => trunk.text()?,
        None => text.to_owned(),
    };
    let found = SpaceFile::genome(&spelled).with_context(|| {
        format!(
            "{text} is neither the journal of a search, nor one of {}, nor a genome",
            named::NAMES.join(", ")
        )
    });
    let (file, genome) = found?;
    Ok((file.space, genome))
}
