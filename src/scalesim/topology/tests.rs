//! Topologies as people write them, and what is refused of them.

use super::*;

const CONV: &str = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";

fn parse(text: &str) -> Result<Topology, ScalesimError> {
    Topology::parse(text.as_bytes(), "net.csv")
}

fn conv(text: &str) -> Conv {
    match parse(text).unwrap().layers[0].shape {
        Shape::Conv(conv) => conv,
        Shape::Gemm(gemm) => panic!("{gemm:?}"),
    }
}

fn refused(text: &str, parts: &[&str]) {
    let error = parse(text).unwrap_err().to_string();
    for part in parts {
        assert!(error.contains(part), "`{error}` does not say `{part}`");
    }
}

#[test]
fn one_layer_in_every_spelling() {
    let plain = conv(&format!("{CONV}c, 9, 8, 3, 2, 5, 6, 2,\n"));
    let expected = Conv {
        ifmap: [9, 8],
        filter: [3, 2],
        channels: 5,
        filters: 6,
        stride: [2, 2],
        depthwise: false,
    };
    assert_eq!(plain, expected);
    let header = CONV.trim_end_matches(",\n");
    for text in [
        format!("\u{feff}{header}\r\n\r\n c ,9,8,3,2,5,6,2\r\n   \r\n"),
        format!("{header}, Sparsity,\nc,9,8,3,2,5,6,2,1:1,\n"),
        format!("{header}, Sparsity\nc,9,8,3,2,5,6,2,4:4\n"),
        format!("{header}, Sparsity\nc,9,8,3,2,5,6,2,\n"),
        format!("{},\nc,9,8,3,2,5,6,2,2,\n", header.replace("Strides", "Stride height, Stride width")),
        "Num filter,layer,ifmap_height,ifmapwidth,FILTER HEIGHT,Filter width,Channels,stride\n6,c,9,8,3,2,5,2".to_owned(),
    ] {
        assert_eq!(conv(&text), expected, "{text}");
    }
    let gemm = parse("Layer, M, N, K,\ng, 4, 5, 6,\n").unwrap();
    assert_eq!(gemm.layers[0].shape, Shape::Gemm(Gemm { m: 4, n: 5, k: 6 }));
}

/// `ceil((H - F + S) / S)`: 9 rows under a window of 3 are 4 steps of 2; 8 columns under one of 2
/// are 4, and under one of 3 are 4 as well, the last of which hangs over by one.
#[test]
fn outputs_round_up() {
    assert_eq!(
        conv(&format!("{CONV}c, 9, 8, 3, 2, 1, 1, 2,\n")).ofmap(),
        [4, 4]
    );
    assert_eq!(
        conv(&format!("{CONV}c, 9, 8, 3, 3, 1, 1, 2,\n")).ofmap(),
        [4, 4]
    );
    assert_eq!(
        conv(&format!("{CONV}c, 3, 3, 3, 3, 1, 1, 7,\n")).ofmap(),
        [1, 1]
    );
}

#[test]
fn depthwise_rows_are_runs_of_one_channel() {
    let layers = parse(&format!(
        "{CONV}DPc, 4, 4, 3, 3, 6, 2, 1,\nc, 4, 4, 3, 3, 6, 2, 1,\n"
    ))
    .unwrap();
    let product = |in_c| Product {
        groups: 1,
        m: 4,
        n: 2,
        window: 9,
        in_c,
    };
    assert_eq!(layers.layers[0].runs(), (6, product(1)));
    assert_eq!(layers.layers[1].runs(), (1, product(6)));
}

#[test]
fn bad_cells_name_file_line_column_and_layer() {
    let row = |cells: &str| format!("{CONV}first, 9, 9, 3, 3, 1, 1, 1,\n\n{cells},\n");
    let cell = |cells: &str, parts: &[&str]| {
        refused(&row(cells), &[&["net.csv:4: column "], parts].concat());
    };
    cell(
        "c, x, 9, 3, 3, 1, 1, 1",
        &["2 (`IFMAP Height`) of layer `c` is `x`", "whole number"],
    );
    cell(
        "c, 9, 9, 3, 3, 1, 0, 1",
        &["7 (`Num Filter`) of layer `c` is `0`", "from 1"],
    );
    cell("c, 9, 9, 3, 3, 1, 1, -1", &["8 (`Strides`)", "`-1`"]);
    cell("c, 9, 9, 3, 3, , 1, 1", &["6 (`Channels`)", "is ``"]);
    cell(
        "c, 9, 9, 3.0, 3, 1, 1, 1",
        &["4 (`Filter Height`)", "`3.0`"],
    );
    cell(
        "c, 9, 9, 3, 3, 1, 1000000000000, 1",
        &["`1000000000000`", "to 16777216"],
    );
    cell(
        "c, 9, 9, 3, 3, 1, 99999999999999999999, 1",
        &["`99999999999999999999`"],
    );
    cell(
        "c, 9, 2, 3, 3, 1, 1, 1",
        &["5 (`Filter Width`)", "is `3`", "at most 2"],
    );
    cell(", 9, 9, 3, 3, 1, 1, 1", &["1 (`Layer name`)", "a name"]);
    let sparse = "Layer, M, N, K, Sparsity,\ng, 1, 1, 1, 2:4,\n";
    refused(
        sparse,
        &[
            "net.csv:2: column 5 (`Sparsity`) of layer `g` is `2:4`",
            "not modeled",
        ],
    );
}

#[test]
fn sizes_that_overflow_together_are_refused() {
    let most = "16777216";
    refused(
        &format!("{CONV}big, {most}, {most}, 1, 1, {most}, {most}, 1,\n"),
        &["net.csv:2: layer `big`", "70368744177664"],
    );
    refused(
        &format!(
            "Layer, M, N, K,\na, {most}, 2, 1000000,\nb, {most}, 2, 1000000,\nc, {most}, 2, 1000000,\n"
        ),
        &["net.csv:3: layer `b`"],
    );
}

#[test]
fn bad_tables_say_what_was_expected() {
    let both = ["`Layer name, IFMAP Height", "`Layer name, M, N, K`"];
    refused("", &[&["net.csv: the file is empty"], &both[..]].concat());
    refused(" \n,,\n", &["the file is empty"]);
    refused(CONV, &["no layer behind the header"]);
    refused(
        "c, 9, 9, 3, 3, 1, 1, 1,\n",
        &[&["net.csv:1: heading 1 is `c`"], &both[..]].concat(),
    );
    refused(
        "Layer, M, N,\ng, 1, 1,\n",
        &["net.csv:1: there is no column `K`"],
    );
    refused(
        "Layer, M, N, K, M,\n",
        &["net.csv:1: `M` heads two columns"],
    );
    refused(
        "Layer, M, N, K, Channels,\n",
        &["`Channels` has no place beside `K`"],
    );
    refused(
        &format!("{CONV}a, 9, 9, 3, 3, 1, 1,\n"),
        &["net.csv:2: layer `a` has 7 values under 8 headings; the first missing is `Strides`"],
    );
    refused(
        &format!("{CONV}a, 9, 9, 3, 3, 1, 1, 1, 1,\n"),
        &["net.csv:2: layer `a` has 9 values under 8 headings; the last have no heading"],
    );
    let bytes = [CONV.as_bytes(), b"a, 9, 9, 3, 3, 1, 1, 1,\n\xff, 9\n"].concat();
    let error = Topology::parse(&bytes, "net.csv").unwrap_err().to_string();
    assert_eq!(error, "net.csv:3: the text is not UTF-8");
}
