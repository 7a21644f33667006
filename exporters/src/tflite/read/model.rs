//! The lists of a TFLite file: operator codes, buffers, subgraphs.

use super::flat::{File, Table, Tables};
use super::names::{BUILTIN_OPERATORS, CUSTOM};
use crate::read_error::Inside;
use crate::tflite::schema::field;
use crate::{Format, ReadError};

/// The lists of a file.
pub(super) struct Model<'b> {
    pub(super) file: &'b File<'b>,
    /// What the file calls itself.
    pub(super) description: Option<String>,
    codes: Vec<Code>,
    buffers: Tables<'b>,
    subgraphs: Tables<'b>,
}

/// A kind of operator.
pub(super) enum Code {
    /// One of the schema's, by its name there.
    Builtin(&'static str),
    /// One that the file names itself.
    Custom(String),
}

impl Code {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Builtin(name) => name,
            Self::Custom(name) => name,
        }
    }
}

/// The lists of a subgraph.
pub(super) struct Subgraph<'b> {
    pub(super) name: String,
    pub(super) tensors: Tables<'b>,
    pub(super) operators: Tables<'b>,
    pub(super) inputs: Vec<i32>,
    pub(super) outputs: Vec<i32>,
}

/// An operator as the file has it.
pub(super) struct Operator<'m, 'b> {
    pub(super) code: &'m Code,
    /// Positions of tensors; -1 for an operand that is left out.
    pub(super) inputs: Vec<i32>,
    pub(super) outputs: Vec<i32>,
    /// The attributes of a builtin operator.
    pub(super) options: Option<Table<'b>>,
    /// Which table they are, as a member of the union `BuiltinOptions`; 0 for none.
    pub(super) options_type: u8,
    /// The attributes of operators that came to the schema late.
    pub(super) options_2: Option<Table<'b>>,
}

impl<'b> Model<'b> {
    pub(super) fn new(file: &'b File<'b>) -> Result<Self, ReadError> {
        use field::model as f;
        let root = file.root().inside(|| "the root table".to_owned())?;
        let version = root.u32(f::VERSION)?;
        if version != 3 {
            return Err(ReadError::Format {
                format: Format::TfLite,
                expected: "schema version 3".to_owned(),
                found: format!("version {version}"),
            });
        }
        let codes = root.tables(f::OPERATOR_CODES)?;
        let codes = (0..codes.len()).map(|index| {
            let code = codes.get(index).and_then(|table| code(&table));
            code.inside(|| format!("operator code {index}"))
        });
        Ok(Self {
            file,
            description: root.text(f::DESCRIPTION)?,
            codes: codes.collect::<Result<_, _>>()?,
            buffers: root.tables(f::BUFFERS)?,
            subgraphs: root.tables(f::SUBGRAPHS)?,
        })
    }

    pub(super) fn subgraph(&self, index: usize) -> Result<Subgraph<'b>, ReadError> {
        use field::subgraph as f;
        let read = |table: Table<'b>| {
            Ok(Subgraph {
                name: table.text(f::NAME)?.unwrap_or_default(),
                tensors: table.tables(f::TENSORS)?,
                operators: table.tables(f::OPERATORS)?,
                inputs: table.i32s(f::INPUTS)?,
                outputs: table.i32s(f::OUTPUTS)?,
            })
        };
        let subgraph = self.subgraphs.get(index).and_then(read);
        subgraph.inside(|| format!("subgraph {index}"))
    }

    /// The bytes of a buffer, beside or behind the tables; none when it is empty.
    pub(super) fn buffer(&self, index: usize) -> Result<&'b [u8], ReadError> {
        use field::buffer as f;
        // Buffer 0 is the mark of a computed tensor; some files have no other and leave it out.
        if index == 0 {
            return Ok(&[]);
        }
        let read = |table: Table<'b>| {
            // Offsets 0 and 1 are the schema's marks for elements in the table itself.
            match table.u64(f::OFFSET)? {
                0 | 1 => table.bytes(f::DATA),
                at => self.file.region(at, table.u64(f::SIZE)?),
            }
        };
        let bytes = self.buffers.get(index).and_then(read);
        bytes.inside(|| format!("buffer {index}"))
    }

    /// The operator in `table`.
    pub(super) fn operator(&self, table: &Table<'b>) -> Result<Operator<'_, 'b>, ReadError> {
        use field::operator as f;
        let index = table.index(f::CODE_INDEX)?;
        let code = self.codes.get(index).ok_or_else(|| {
            let expected = format!("an operator code below {}", self.codes.len());
            ReadError::malformed(expected, index)
        })?;
        Ok(Operator {
            code,
            inputs: table.i32s(f::INPUTS)?,
            outputs: table.i32s(f::OUTPUTS)?,
            options: table.table(f::OPTIONS)?,
            options_type: table.u8(f::OPTIONS_TYPE)?,
            options_2: table.table(f::OPTIONS_2)?,
        })
    }
}

fn code(table: &Table<'_>) -> Result<Code, ReadError> {
    use field::operator_code as f;
    // The narrow field is all that old files have; it ends at 127.
    let narrow = i32::from(table.i8(f::DEPRECATED_CODE)?);
    let number = table.i32(f::CODE, 0)?.max(narrow);
    let name = usize::try_from(number)
        .ok()
        .and_then(|number| BUILTIN_OPERATORS.get(number));
    match name {
        Some(&name) if name == CUSTOM => {
            let custom = table.text(f::CUSTOM)?;
            Ok(Code::Custom(custom.unwrap_or_else(|| name.to_owned())))
        }
        Some(name) => Ok(Code::Builtin(name)),
        None => {
            let expected = format!("a builtin operator, 0 to {}", BUILTIN_OPERATORS.len() - 1);
            Err(ReadError::malformed(expected, number))
        }
    }
}
