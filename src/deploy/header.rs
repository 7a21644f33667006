//! A model as a C array, for microcontrollers that have no files.

use std::fmt::Write;

/// Bytes in a line.
const PER_LINE: usize = 32;

/// A C and C++ header with the bytes of `file` as the array `name`, aligned as
/// LiteRT for Microcontrollers wants it, and their number as `name_len`.
#[must_use]
pub(super) fn header(name: &str, file: &[u8]) -> String {
    let guard = format!("{}_H", name.to_uppercase());
    let mut text = format!(
        "#ifndef {guard}\n#define {guard}\n\n\
         #ifdef __cplusplus\n#define {guard}_ALIGN alignas(16)\n\
         #else\n#define {guard}_ALIGN _Alignas(16)\n#endif\n\n\
         static const unsigned int {name}_len = {};\n\
         static {guard}_ALIGN const unsigned char {name}[] = {{\n",
        file.len()
    );
    text.reserve(file.len() * 4);
    for line in file.chunks(PER_LINE) {
        for byte in line {
            let _ = write!(text, "{byte},");
        }
        text.push('\n');
    }
    text + "};\n\n#endif\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_stands_in_the_array() {
        let file: Vec<u8> = (0..=255).collect();
        let text = header("model", &file);
        let (_, array) = text.split_once("model[] = {\n").unwrap();
        let (array, _) = array.split_once('}').unwrap();
        let found: Vec<u8> = array
            .split([',', '\n'])
            .filter(|digits| !digits.is_empty())
            .map(|digits| digits.parse().unwrap())
            .collect();
        assert_eq!(found, file);
        assert!(text.contains("model_len = 256;"));
    }
}
