//! Elements as raw little-endian bytes, one after another, as they pass between processes.

use ::kernels::{Data, DataType, Tensor, TensorId, Verified};
use anyhow::{Result, bail};

/// Appends the elements of `data` to `bytes`.
pub(super) fn write(bytes: &mut Vec<u8>, data: &Data) {
    match data {
        Data::F32(v) => bytes.extend(v.iter().flat_map(|x| x.to_le_bytes())),
        Data::I8(v) => bytes.extend(v.iter().flat_map(|x| x.to_le_bytes())),
        Data::U8(v) => bytes.extend_from_slice(v),
        Data::I32(v) => bytes.extend(v.iter().flat_map(|x| x.to_le_bytes())),
        Data::I64(v) => bytes.extend(v.iter().flat_map(|x| x.to_le_bytes())),
    }
}

/// The elements of `tensors`, each stored as a type of as many bytes as its own.
pub(super) fn read<'t>(
    tensors: impl Iterator<Item = (DataType, &'t Tensor)>,
    mut bytes: &[u8],
) -> Result<Vec<Data>> {
    let mut elements = Vec::new();
    for (dtype, tensor) in tensors {
        let (own, rest) = bytes
            .split_at_checked(tensor.bytes())
            .ok_or_else(|| anyhow::anyhow!("`{}` is cut short", tensor.name))?;
        bytes = rest;
        elements.push(match dtype {
            DataType::F32 => Data::F32(fixed(own, f32::from_le_bytes)),
            DataType::I8 => Data::I8(fixed(own, i8::from_le_bytes)),
            DataType::U8 => Data::U8(own.into()),
            DataType::I32 => Data::I32(fixed(own, i32::from_le_bytes)),
            DataType::I64 => Data::I64(fixed(own, i64::from_le_bytes)),
            DataType::Foreign { .. } => bail!("`{}` is {dtype}", tensor.name),
        });
    }
    Ok(elements)
}

/// The size of the tensors `ids` of one sample.
pub(super) fn size(graph: &Verified, ids: &[TensorId]) -> usize {
    ids.iter().map(|&id| graph[id].bytes()).sum()
}

fn fixed<T, const BYTES: usize, C: FromIterator<T>>(
    bytes: &[u8],
    of: impl Fn([u8; BYTES]) -> T,
) -> C {
    let (elements, _) = bytes.as_chunks::<BYTES>();
    elements.iter().map(|&element| of(element)).collect()
}

#[cfg(test)]
mod tests {
    use ::kernels::{GraphBuilder, Op, verify};

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let values = [
            Data::F32(vec![0.5, -1.0].into()),
            Data::I8(vec![-128, 7].into()),
            Data::U8(vec![255, 0].into()),
            Data::I32(vec![-5, 70_000].into()),
            Data::I64(vec![1 << 40, -1].into()),
        ];
        let mut b = GraphBuilder::new("all");
        let ids: Vec<TensorId> = values
            .iter()
            .map(|data| b.input(data.dtype().name(), [1, 2], data.dtype()))
            .collect();
        let same = Op::Reshape { shape: vec![2, 1] };
        let output = b.push("same", same, &ids[..1]).unwrap();
        b.output(output);
        let graph = verify(b.finish()).unwrap();
        let mut bytes = Vec::new();
        for data in &values {
            write(&mut bytes, data);
        }
        assert_eq!(bytes.len(), size(&graph, &ids));
        let tensors = || ids.iter().map(|&id| (graph[id].dtype, &graph[id]));
        assert_eq!(read(tensors(), &bytes).unwrap(), values);
        let short = read(tensors(), &bytes[..bytes.len() - 1]).unwrap_err();
        assert_eq!(short.to_string(), "`i64` is cut short");
    }
}
