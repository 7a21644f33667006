//! Which files hold the same network, and which networks are one family: by their names.
//!
//! `mobilenet_v1_0.25_128_quant.tflite` and `mobilenet_v1_1.0_224.tflite` are two networks of the
//! family `mobilenet_v1`. Depths are members of one family too (`resnet50`, `resnet101`), and so are
//! the data sets that a network was trained on, which do not change it. Where names say something
//! else, a column does.

/// Words at the end of a name that say how the file was made.
const MAKING: [&str; 12] = [
    "quant",
    "quantized",
    "int8",
    "uint8",
    "float",
    "fp32",
    "ptq",
    "qat",
    "edgetpu",
    "training",
    "post",
    "decoder",
];

/// Words that do not make another family: frameworks, data sets, sizes in letters.
const VARIANTS: [&str; 16] = [
    "tf",
    "tf2",
    "inat",
    "bird",
    "insect",
    "plant",
    "imagenet",
    "coco",
    "pascal",
    "cifar10",
    "xs",
    "s",
    "m",
    "l",
    "xl",
    "embedding",
];

/// The network in a file with that stem: what is left without the words that say how the file was
/// made.
///
/// ```
/// use ednas::measured::network;
///
/// assert_eq!(network("mobilenet_v1_0.5_160_quant_edgetpu"), "mobilenet_v1_0.5_160");
/// ```
#[must_use]
pub fn network(stem: &str) -> String {
    let mut words: Vec<&str> = stem.split('_').collect();
    while let [_, .., last] = words.as_slice()
        && MAKING.contains(&last.to_lowercase().as_str())
    {
        words.pop();
    }
    words.join("_").to_lowercase()
}

/// The family of a network: its name without widths, sizes, depths and data sets.
///
/// ```
/// use ednas::measured::family;
///
/// assert_eq!(family("mobilenet_v1_0.5_160"), "mobilenet_v1");
/// assert_eq!(family("resnet50_v1_299"), "resnet_v1");
/// ```
#[must_use]
pub fn family(network: &str) -> String {
    let words = network.split(['_', '-']).flat_map(separated);
    let kept: Vec<String> = words.filter(|word| is_kept(word)).collect();
    if kept.is_empty() {
        network.to_owned()
    } else {
        kept.join("_")
    }
}

/// Whether a word tells families apart.
fn is_kept(word: &str) -> bool {
    let is_version =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let is_multiplier = word.strip_prefix("dm").is_some_and(is_version);
    let is_size = word.starts_with(|c: char| c.is_ascii_digit());
    !is_size && !is_multiplier && !VARIANTS.contains(&word) && !word.is_empty()
}

/// A word of a name as its parts: `mobilenetv2` is `mobilenet` and `v2`, `resnet50` is `resnet`.
fn separated(word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() < 3 || stem.len() == word.len() {
        return vec![word];
    }
    match stem.strip_suffix('v') {
        Some(name) if name.len() < 3 => vec![word],
        Some(name) => vec![name.to_owned(), format!("v{}", &word[stem.len()..])],
        None => vec![stem.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_sizes_and_depths_are_one_family() {
        for (stem, name, of) in [
            (
                "mobilenet_v1_0.25_128_quant",
                "mobilenet_v1_0.25_128",
                "mobilenet_v1",
            ),
            (
                "mobilenet_v1_1.0_224",
                "mobilenet_v1_1.0_224",
                "mobilenet_v1",
            ),
            ("mobilenetv2-1.0-224", "mobilenetv2-1.0-224", "mobilenet_v2"),
            (
                "mobilenet_v2_1.0_224_inat_bird_quant_edgetpu",
                "mobilenet_v2_1.0_224_inat_bird",
                "mobilenet_v2",
            ),
            (
                "tf2_mobilenet_v2_1.0_224_ptq",
                "tf2_mobilenet_v2_1.0_224",
                "mobilenet_v2",
            ),
            (
                "efficientnet_edgetpu_S_224",
                "efficientnet_edgetpu_s_224",
                "efficientnet_edgetpu",
            ),
            ("resnet50_v1_299", "resnet50_v1_299", "resnet_v1"),
            ("resnet101", "resnet101", "resnet"),
            ("vgg16_224", "vgg16_224", "vgg"),
            ("inception_v1_224", "inception_v1_224", "inception_v1"),
            ("inception_v4_299", "inception_v4_299", "inception_v4"),
            ("unet_mv2_128", "unet_mv2_128", "unet_mv2"),
            (
                "deeplabv3_mnv2_dm05_pascal_quant",
                "deeplabv3_mnv2_dm05_pascal",
                "deeplab_v3_mnv2",
            ),
            (
                "posenet_mobilenet_v1_075_353_481_16_quant_decoder",
                "posenet_mobilenet_v1_075_353_481_16",
                "posenet_mobilenet_v1",
            ),
            ("224", "224", "224"),
            ("quant", "quant", "quant"),
            ("", "", ""),
        ] {
            assert_eq!(
                (network(stem), family(&network(stem))),
                (name.to_owned(), of.to_owned())
            );
        }
    }
}
