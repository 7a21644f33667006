//! The columns of a topology file, which its header names.
//!
//! SCALE-Sim skips the first line and counts columns; here the first line says what they are, so
//! that a file in the other form, or with a column too few, is not read as something else. Names
//! are compared without case, blanks and punctuation.

/// A column of either form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Layer,
    IfmapHeight,
    IfmapWidth,
    FilterHeight,
    FilterWidth,
    Channels,
    NumFilter,
    Strides,
    StrideHeight,
    StrideWidth,
    M,
    N,
    K,
    Sparsity,
}

/// A layer per row: a convolution, or a matrix product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Conv,
    Gemm,
}

impl Column {
    const ALL: [Column; 14] = [
        Column::Layer,
        Column::IfmapHeight,
        Column::IfmapWidth,
        Column::FilterHeight,
        Column::FilterWidth,
        Column::Channels,
        Column::NumFilter,
        Column::Strides,
        Column::StrideHeight,
        Column::StrideWidth,
        Column::M,
        Column::N,
        Column::K,
        Column::Sparsity,
    ];

    /// As SCALE-Sim's own topologies head it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Column::Layer => "Layer name",
            Column::IfmapHeight => "IFMAP Height",
            Column::IfmapWidth => "IFMAP Width",
            Column::FilterHeight => "Filter Height",
            Column::FilterWidth => "Filter Width",
            Column::Channels => "Channels",
            Column::NumFilter => "Num Filter",
            Column::Strides => "Strides",
            Column::StrideHeight => "Stride Height",
            Column::StrideWidth => "Stride Width",
            Column::M => "M",
            Column::N => "N",
            Column::K => "K",
            Column::Sparsity => "Sparsity",
        }
    }

    /// Other headings of the same column, in lowercase letters alone.
    fn aliases(self) -> &'static [&'static str] {
        match self {
            Column::Layer => &["layer"],
            Column::NumFilter => &["numfilters"],
            Column::Strides => &["stride"],
            Column::Sparsity => &["sparsityratio"],
            Column::IfmapHeight
            | Column::IfmapWidth
            | Column::FilterHeight
            | Column::FilterWidth
            | Column::Channels
            | Column::StrideHeight
            | Column::StrideWidth
            | Column::M
            | Column::N
            | Column::K => &[],
        }
    }

    fn of(heading: &str) -> Option<Column> {
        let heading = letters(heading);
        Column::ALL.into_iter().find(|column| {
            letters(column.name()) == heading || column.aliases().contains(&heading.as_str())
        })
    }
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

impl Form {
    /// The columns that a row cannot do without; strides come in one column or two.
    fn needed(self, two_strides: bool) -> &'static [Column] {
        match (self, two_strides) {
            (Form::Conv, false) => &[
                Column::Layer,
                Column::IfmapHeight,
                Column::IfmapWidth,
                Column::FilterHeight,
                Column::FilterWidth,
                Column::Channels,
                Column::NumFilter,
                Column::Strides,
            ],
            (Form::Conv, true) => &[
                Column::Layer,
                Column::IfmapHeight,
                Column::IfmapWidth,
                Column::FilterHeight,
                Column::FilterWidth,
                Column::Channels,
                Column::NumFilter,
                Column::StrideHeight,
                Column::StrideWidth,
            ],
            (Form::Gemm, _) => &[Column::Layer, Column::M, Column::N, Column::K],
        }
    }
}

/// What the header says, or what is wrong with it.
pub(super) fn read_header(header: &[&str]) -> Result<(Form, Vec<Column>), String> {
    let mut columns = Vec::with_capacity(header.len());
    for (number, heading) in (1..).zip(header) {
        let column = Column::of(heading)
            .ok_or_else(|| format!("heading {number} is `{heading}`; {}", both_forms()))?;
        if columns.contains(&column) {
            return Err(format!("`{}` heads two columns", column.name()));
        }
        columns.push(column);
    }
    let has = |column: &Column| columns.contains(column);
    let form = if [Column::M, Column::N, Column::K].iter().any(has) {
        Form::Gemm
    } else {
        Form::Conv
    };
    let two_strides = [Column::StrideHeight, Column::StrideWidth].iter().any(has);
    let needed = form.needed(two_strides);
    if let Some(missing) = needed.iter().find(|column| !has(column)) {
        return Err(format!(
            "there is no column `{}`; {}",
            missing.name(),
            both_forms()
        ));
    }
    let foreign = columns
        .iter()
        .find(|column| **column != Column::Sparsity && !needed.contains(column));
    match foreign {
        Some(foreign) => Err(format!(
            "`{}` has no place beside `{}`; {}",
            foreign.name(),
            needed[needed.len() - 1].name(),
            both_forms()
        )),
        None => Ok((form, columns)),
    }
}

pub(super) fn both_forms() -> String {
    let names = |columns: &[Column]| {
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        names.join(", ")
    };
    format!(
        "expected the header `{}` or `{}`, each with `Sparsity` behind it or not",
        names(Form::Conv.needed(false)),
        names(Form::Gemm.needed(false)),
    )
}
