//! The files that deploy a network: float and int8, in the formats that runtimes and compilers
//! read.

use std::path::Path;

use anyhow::{Context, Result};
use exporters::{onnx, tflite};
use kernels::Verified;

use super::metadata;
use crate::report::write_atomically;

/// The float network, as trained.
pub const FLOAT_ONNX: &str = "model.onnx";
/// The int8 network as quantize-dequantize pairs.
pub const INT8_ONNX: &str = "model_int8.onnx";
/// The int8 network, int8 in and out, as compilers for accelerators read it.
pub const INT8_TFLITE: &str = "model_int8.tflite";

/// Files by name, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Name and bytes of each file.
    pub files: Vec<(&'static str, Vec<u8>)>,
}

impl Bundle {
    /// The files of a network: `float` with its trained values, and `int8`, the same quantized.
    ///
    /// # Errors
    ///
    /// [`exporters::ExportError`], with the file it stood in the way of.
    pub fn new(float: &Verified, int8: &Verified) -> Result<Self> {
        let cannot = |name: &str| format!("cannot make {name}");
        let files = vec![
            (
                FLOAT_ONNX,
                onnx::write(float, &metadata(float)).with_context(|| cannot(FLOAT_ONNX))?,
            ),
            (
                INT8_ONNX,
                onnx::write(int8, &metadata(int8)).with_context(|| cannot(INT8_ONNX))?,
            ),
            (
                INT8_TFLITE,
                tflite::write(int8, &metadata(int8)).with_context(|| cannot(INT8_TFLITE))?,
            ),
        ];
        Ok(Self { files })
    }

    /// The bytes of the file called `name`.
    ///
    /// # Errors
    ///
    /// When the bundle has no such file.
    pub fn file(&self, name: &str) -> Result<&[u8]> {
        let file = self.files.iter().find(|(known, _)| *known == name);
        let (_, bytes) = file.with_context(|| format!("the bundle has no {name}"))?;
        Ok(bytes)
    }
}

/// Writes the files of `bundle` to the folder `dir`, which is made if it is missing; each is whole
/// or not there.
///
/// # Errors
///
/// When a file cannot be written; the error names it.
pub fn write_bundle(dir: &Path, bundle: &Bundle) -> Result<()> {
    for (name, bytes) in &bundle.files {
        write_atomically(&dir.join(name), bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use kernels::op::Unary;
    use kernels::tensor::Content;
    use kernels::{Data, DataType, GraphBuilder, Op, Quantization, Tensor, verify};

    use super::*;

    /// `seg = relu(image)`, then an addition of `bias`.
    fn float(bias: Content) -> Verified {
        let mut b = GraphBuilder::new("small");
        let image = b.input("image", [1, 2, 2, 3], DataType::F32);
        let x = b.push("x", Op::Unary(Unary::Relu), &[image]).unwrap();
        let bias = b.tensor(Tensor {
            name: "bias".to_owned(),
            shape: [3].into(),
            dtype: DataType::F32,
            quantization: None,
            content: bias,
        });
        let seg = b.push("seg", Op::Bias, &[x, bias]).unwrap();
        b.output(seg);
        verify(b.finish()).unwrap()
    }

    fn int8() -> Verified {
        let mut b = GraphBuilder::new("small");
        let image = b.input("image", [1, 2, 2, 3], DataType::I8);
        let seg = b.push("seg", Op::Unary(Unary::Relu), &[image]).unwrap();
        for id in [image, seg] {
            b.tensor_mut(id).quantization = Some(Quantization::per_tensor(1.0 / 127.5, -1));
        }
        b.output(seg);
        verify(b.finish()).unwrap()
    }

    #[test]
    fn writes_three_files_that_say_what_they_are() {
        let values = Content::Constant(Data::F32(vec![0.5; 3].into()));
        let bundle = Bundle::new(&float(values), &int8()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        write_bundle(&dir.path().join("new"), &bundle).unwrap();
        for name in [FLOAT_ONNX, INT8_ONNX, INT8_TFLITE] {
            let bytes = fs::read(dir.path().join("new").join(name)).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            for part in ["output.seg", "semantic segmentation", "rgb / 127.5 - 1"] {
                assert!(text.contains(part), "{name} does not say `{part}`");
            }
        }
    }

    #[test]
    fn a_missing_value_names_the_file_and_the_tensor() {
        let error = Bundle::new(&float(Content::Parameter), &int8()).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "cannot make model.onnx: tensor `bias` has no values: train the network or load its \
             weights, then export"
        );
    }
}
