//! One image with everything a network is trained and judged on.

use super::classes::VOID;

/// The largest inverse depth a label holds: the 16-bit Cityscapes disparity 32257 over 65535.
pub const INVERSE_DEPTH_MAX: f32 = 0.4922;

/// Focal length times stereo baseline in the units of the labels: inverse depth = this / Z in m.
///
/// From the Cityscapes calibration: 2262.52 px x 0.209313 m x 256 / 65535.
const INVERSE_DEPTH_METERS: f32 = 1.850;

/// An image and its labels, all row-major at the same height and width.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Red, green, blue, `[h, w, 3]`, 0 to 255, display-encoded.
    pub rgb: Vec<u8>,
    /// Class id, `[h, w]`, counted from 0, or [`crate::data::VOID`].
    pub label: Vec<u8>,
    /// Depth, `[h, w]`, in the unit of the data set ([`DepthUnit`](crate::data::DepthUnit)); 0 where
    /// there is none. Inverse depth of `scenes` is at most [`INVERSE_DEPTH_MAX`].
    pub depth: Vec<f32>,
    /// Unit surface normal, `[h, w, 3]`, in the camera's frame: x right, y down, z forward. It
    /// faces the camera (its dot product with the viewing ray is negative); 0, 0, 0 where there
    /// is none.
    pub normal: Vec<f32>,
}

impl Sample {
    /// Black, without labels.
    #[must_use]
    pub fn blank(height: usize, width: usize) -> Self {
        let pixels = height * width;
        Self {
            height,
            width,
            rgb: vec![0; pixels * 3],
            label: vec![VOID; pixels],
            depth: vec![0.0; pixels],
            normal: vec![0.0; pixels * 3],
        }
    }

    /// What its pixels take in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let floats = self.depth.len() + self.normal.len();
        self.rgb.len() + self.label.len() + floats * size_of::<f32>()
    }
}

/// The depth label of a point `z_m` meters in front of the camera plane (along its axis, not
/// along the ray): 1.850 / Z, at most [`INVERSE_DEPTH_MAX`].
#[must_use]
pub fn inverse_depth(z_m: f32) -> f32 {
    (INVERSE_DEPTH_METERS / z_m).min(INVERSE_DEPTH_MAX)
}
